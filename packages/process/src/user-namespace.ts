import type { Config } from '@oci/spec';

/** In a user namespace, new or joined, a container's root has all capabilities, over what is in it. */
export function hasUserNamespace(config: Config): boolean {
  return (config.linux?.namespaces ?? []).some(({ type }) => type === 'user');
}

/** Whether the config says what its user namespace's ids are. */
export function makesUserNamespace(config: Config): boolean {
  const namespaces = config.linux?.namespaces ?? [];
  return namespaces.some(({ type, path }) => type === 'user' && path === undefined);
}

/** Whether its user namespace is one that somebody else has made. */
export function joinsUserNamespace(config: Config): boolean {
  return hasUserNamespace(config) && !makesUserNamespace(config);
}
