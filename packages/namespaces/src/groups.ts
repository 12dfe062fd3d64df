import type { Config } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { makesNew } from './kinds.ts';
import { idMaps } from './mapping-tools.ts';

type Runtime = Omit<NamespaceContext, 'mappingTools'>;

/**
 * Whether the new user namespace is to be without setgroups(2): from who lacks CAP_SETGID the kernel
 * takes a gid_map only then (Linux 3.19). newgidmap(1) has it.
 */
export function givesGroupsUp(config: Config, runtime: Runtime): boolean {
  const [, gids] = idMaps(config, runtime);
  return runtime.rootless && makesNew(config, 'user') && !gids.needsTool;
}

/**
 * Whether setgroups(2) is allowed in the container's user namespace: not below one where it is
 * denied. What the maker of one that is joined has given up, is only seen there.
 */
export function allowsGroups(config: Config, runtime: Runtime): boolean {
  return runtime.setgroups && !givesGroupsUp(config, runtime);
}
