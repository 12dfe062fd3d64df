import type { MountsConfig } from './context.ts';

/** Whether the container has a user namespace, new or joined: no device node can be made in one. */
export function hasUserNamespace({ linux }: MountsConfig): boolean {
  return linux?.namespaces?.some(({ type }) => type === 'user') ?? false;
}
