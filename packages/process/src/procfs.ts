import {
  compare,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  O_WRONLY,
  PROC_SUPER_MAGIC,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  type Text,
} from '@oci/kernel';

/** Of struct statfs (statfs(2)), whose first 64 bits are the type of the filesystem. */
const STATFS_SIZE = 120;

/**
 * Writes a file below a directory of procfs, in one write. What takes such a text must be the real
 * thing: not a file of another filesystem at the same path, nor one that is mounted over it, such as
 * /proc/self/sched, which takes any text and does nothing (CVE-2019-19921, CVE-2025-52881).
 */
export function writeProcfs(k: Kernel, directory: Text, path: string, value: string): void {
  const proc = k.openat2(k.cwd, directory, {
    flags: O_PATH | O_DIRECTORY | O_CLOEXEC,
    resolve: RESOLVE_NO_SYMLINKS,
  });
  const statfs = k.memory('statfs', STATFS_SIZE);
  k.fstatfs(proc, statfs);
  k.when(compare(k.load(statfs, 0, 8), '!=', PROC_SUPER_MAGIC), () =>
    k.fail('/proc is not a proc filesystem'),
  );
  const file = k.openat2(proc, path, {
    flags: O_WRONLY | O_CLOEXEC,
    // Not RESOLVE_NO_SYMLINKS: thread-self is one, of the plain kind.
    resolve: RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
  });
  k.writeText(file, value);
  k.close(file);
  k.close(proc);
}
