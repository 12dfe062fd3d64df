import { type Fd, type Kernel, OPEN_TREE_CLOEXEC, OPEN_TREE_CLONE, S_IFCHR } from '@oci/kernel';
import { emptyDirectory } from './empty-directory.ts';
import { requireDevice, statxMemory } from './statx.ts';

/** What paths are masked with, as detached mounts. */
export interface MaskSources {
  readonly file: Fd;
  readonly directory: Fd;
}

/**
 * The host's /dev/null, while it is in reach: the container's own may be anything by then
 * (CVE-2025-31133). And an empty directory: one for all masked directories, as
 * each would cost its superblock's making and unmaking.
 */
export function takeMaskSources(k: Kernel): MaskSources {
  return k.doing('linux.maskedPaths', () => {
    const file = k.open_tree(k.cwd, '/dev/null', OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    const device = { type: S_IFCHR, major: 1, minor: 3 };
    const message = "the host's /dev/null is another device";
    requireDevice(k, file, '', device, message, statxMemory(k));
    return { file, directory: emptyDirectory(k) };
  });
}
