import {
  type Fd,
  type Kernel,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  S_IFCHR,
} from '@oci/kernel';
import { makeFileSystem } from './file-system.ts';
import { requireDevice, statxMemory } from './statx.ts';

/** What paths are masked with, as detached mounts. */
export interface MaskSources {
  readonly file: Fd;
  readonly directory: Fd;
}

const empty = {
  type: 'tmpfs',
  source: 'tmpfs',
  options: { superblock: new Map([['ro', true]] as const), data: [] },
} as const;

/**
 * The host's /dev/null, while it is in reach: the container's own may be anything by then
 * (CVE-2025-31133). And a tmpfs in which nothing can be made: one for all masked directories, as
 * each would cost its superblock's making and unmaking.
 */
export function takeMaskSources(k: Kernel): MaskSources {
  return k.doing('linux.maskedPaths', () => {
    const file = k.open_tree(k.cwd, '/dev/null', OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    const device = { type: S_IFCHR, major: 1, minor: 3 };
    const message = "the host's /dev/null is another device";
    requireDevice(k, file, '', device, message, statxMemory(k));
    const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    return { file, directory: makeFileSystem(k, empty, attributes) };
  });
}
