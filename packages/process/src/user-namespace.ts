import type { Config } from '@oci/spec';
import type { ProcessContext } from './context.ts';

/** In a user namespace, new or joined, a container's root has all capabilities, over what is in it. */
export function hasUserNamespace(config: Config): boolean {
  return (config.linux?.namespaces ?? []).some(({ type }) => type === 'user');
}

/** Whether the config says what its user namespace's ids are. */
export function makesUserNamespace(config: Config): boolean {
  const namespaces = config.linux?.namespaces ?? [];
  return namespaces.some(({ type, path }) => type === 'user' && path === undefined);
}

/**
 * Whether the container's user may have groups: not where setgroups(2) is denied already, nor in
 * the user namespace of a user without privileges, who has to give it up to map a group.
 */
export function mayHaveGroups(
  config: Config,
  { rootless, setgroups }: Pick<ProcessContext, 'rootless' | 'setgroups'>,
): boolean {
  return setgroups && !(rootless && hasUserNamespace(config));
}
