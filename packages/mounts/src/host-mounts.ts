import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  type Fd,
  type Kernel,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  type Text,
} from '@oci/kernel';
import { coverDirectory } from './empty-directory.ts';

/**
 * Where the host has the file systems that show a namespace. A container with a user namespace may
 * mount its own only of namespaces that its user namespace owns: a sysfs needs a network namespace
 * of its own, a procfs a PID namespace, an mqueue an IPC namespace.
 */
const hostPaths: Readonly<Record<string, string>> = {
  proc: '/proc',
  sysfs: '/sys',
  mqueue: '/dev/mqueue',
};

/** What is shown instead where the kernel forbids a fresh mount, as crun does. */
export function hostPathOf(type: string): string | undefined {
  return Object.hasOwn(hostPaths, type) ? hostPaths[type] : undefined;
}

/**
 * Covers the cgroups that a copy of the host's /sys brings along, as crun does: a new sysfs has none.
 *
 * @param sysfs a mount that is attached
 */
export function hideHostCgroups(k: Kernel, sysfs: Fd): void {
  const flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  const open = (within: number) =>
    k.openat2(sysfs, 'fs/cgroup', { flags, resolve: RESOLVE_NO_SYMLINKS | within });
  const nothing = () => k.close(open(RESOLVE_NO_XDEV));
  const cover = () => {
    const cgroups = open(0);
    coverDirectory(k, cgroups);
    k.close(cgroups);
  };
  k.attempt(
    ['ENOENT'],
    () => k.attempt(['EXDEV'], nothing, cover),
    () => {},
  );
}

/** An access-time mode would be a change that a user namespace may not make. */
const restricting = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/**
 * A detached copy of a directory of the host, with all that is mounted beneath, restricted as a new
 * file system would be: there, nothing would be beneath that could be written to.
 */
export function copyHostMount(k: Kernel, path: Text, attributes: number): Fd {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  const tree = k.open_tree(k.cwd, path, flags);
  const set = attributes & restricting;
  if (set !== 0) k.mount_setattr(tree, '', AT_EMPTY_PATH | AT_RECURSIVE, { set });
  return tree;
}
