import { type Fd, type Kernel, O_CLOEXEC, type Text } from '@oci/kernel';

/** Opens a file for as long as `body` runs; live, also when that throws. */
export function withFile<T>(
  k: Kernel,
  directory: Fd,
  path: Text,
  flags: number,
  body: (fd: Fd) => T,
): T {
  const fd = k.openat(directory, path, flags | O_CLOEXEC);
  try {
    return body(fd);
  } finally {
    k.close(fd);
  }
}
