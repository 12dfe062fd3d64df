import type { NamespaceType } from '@oci/spec';
import type { MountsConfig } from './context.ts';

type Namespaced = Pick<MountsConfig, 'linux'>;

function has({ linux }: Namespaced, type: NamespaceType): boolean {
  return linux?.namespaces?.some((entry) => entry.type === type) ?? false;
}

/**
 * Whether the container has a user namespace, new or joined: no device node can be made in one, and
 * what other namespaces own cannot be mounted.
 */
export function hasUserNamespace(config: Namespaced): boolean {
  return has(config, 'user');
}

/** Whether the container sees its own cgroup as the root of each hierarchy. */
export function hasCgroupNamespace(config: Namespaced): boolean {
  return has(config, 'cgroup');
}

/**
 * Whether the mount namespace is the container's alone. In one that it shares, with the runtime or
 * by path, nothing is mounted: nobody would take it away again.
 */
export function ownsMounts({ linux }: Namespaced): boolean {
  return linux?.namespaces?.some(({ type, path }) => type === 'mount' && !path) ?? false;
}
