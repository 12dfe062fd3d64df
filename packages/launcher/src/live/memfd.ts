import {
  F_ADD_SEALS,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
} from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';

/**
 * Puts a launcher into a memfd that nobody can change any more (memfd_create(2), F_ADD_SEALS). It
 * can be executed where /run is mounted noexec, and a container that finds it can't rewrite it.
 *
 * @returns a descriptor that is closed on exec
 * @throws KernelError
 */
export function sealedLauncher(kernel: LiveKernel, launcher: Uint8Array): number {
  const fd = kernel.memfd_create('ocirun', MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (typeof fd !== 'number') throw new TypeError('a live descriptor is a number');
  for (let written = 0; written < launcher.length; ) {
    const rest = launcher.subarray(written);
    written += Number(kernel.write(fd, rest, rest.length));
  }
  kernel.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  return fd;
}
