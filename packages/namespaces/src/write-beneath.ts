import {
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  type Text,
} from '@oci/kernel';

/** Writes a file below an open directory, never one that is mounted or linked over it. */
export function writeBeneath(k: Kernel, directory: Fd, path: string, text: Text): void {
  const file = k.openat2(directory, path, {
    flags: O_WRONLY | O_CLOEXEC,
    resolve: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  });
  k.writeText(file, text);
  k.close(file);
}
