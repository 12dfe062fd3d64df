import type { Config } from '@oci/spec';
import { cloneFlag, makesNew } from './kinds.ts';

/** What clone3 makes. `time` works there without offsets only, which a namespace in use rejects. */
const cloned = ['ipc', 'mount', 'network', 'pid', 'time', 'user', 'uts'] as const;

/**
 * The CLONE_NEW* bits for clone3(2). A cgroup namespace is not among them: it takes the cgroup of
 * its maker as root, so it is made by {@link cgroupNamespaceStages} once the container is in its own.
 */
export function cloneFlags(config: Config): number {
  return cloned
    .filter((type) => makesNew(config, type))
    .reduce((flags, type) => flags | cloneFlag[type], 0);
}
