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

/**
 * Writes a file below an open directory, never one that is mounted over it, nor linked.
 *
 * @param links RESOLVE_* bits that say which links are refused: all, unless given
 */
export function writeBeneath(
  k: Kernel,
  directory: Fd,
  path: string,
  text: Text,
  links: number = RESOLVE_NO_SYMLINKS,
): void {
  const file = k.openat2(directory, path, {
    flags: O_WRONLY | O_CLOEXEC,
    resolve: RESOLVE_BENEATH | RESOLVE_NO_XDEV | links,
  });
  k.writeText(file, text);
  k.close(file);
}
