import type { Config } from '@oci/spec';
import { cloneFlag, makesNew, setsClocks } from './kinds.ts';

const cloned = ['ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'] as const;

/**
 * The CLONE_NEW* bits for clone3(2), which are all but two. A cgroup namespace takes the cgroup of
 * its maker as root, so {@link cgroupNamespaceStages} makes it once the container is in its own. The
 * clocks of a time namespace can no longer be set once a process is in it, so where the config does,
 * {@link timeOffsetStages} makes it.
 */
export function cloneFlags(config: Config): number {
  return cloned
    .filter((type) => makesNew(config, type) && !(type === 'time' && setsClocks(config)))
    .reduce((flags, type) => flags | cloneFlag[type], 0);
}
