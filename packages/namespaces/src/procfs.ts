import {
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  PROC_SUPER_MAGIC,
  RESOLVE_NO_SYMLINKS,
  type Text,
} from '@oci/kernel';

/** Opens a directory, and fails the start where it is not on a proc filesystem (fstatfs(2)). */
export function openProcfs(k: Kernel, path: Text): Fd {
  const directory = k.openat2(k.cwd, path, {
    flags: O_PATH | O_DIRECTORY | O_CLOEXEC,
    resolve: RESOLVE_NO_SYMLINKS,
  });
  const statfs = k.memory('statfs', 120);
  k.fstatfs(directory, statfs);
  k.when(compare(k.load(statfs, 0, 8), '!=', PROC_SUPER_MAGIC), () =>
    k.fail('/proc is not a proc filesystem'),
  );
  return directory;
}
