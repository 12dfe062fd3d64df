import { LiveKernel } from '@oci/kernel/live';
import { become as becomeLauncher } from '@oci/launcher/live';

const STDIO = 3;

/**
 * Replaces this process by a launcher.
 *
 * @param args the whole argument vector
 * @param preserveFds how many descriptors from 3 on to hand over
 * @throws KernelError when the launcher can't be executed
 */
export function become(launcher: Uint8Array, args: readonly string[], preserveFds: number): never {
  const kernel = new LiveKernel();
  checkPreserved(preserveFds);
  return becomeLauncher(kernel, launcher, args, STDIO + preserveFds);
}

/** The wrapper script counts the descriptors that the caller passed on; later ones are Node's. */
function checkPreserved(preserveFds: number): void {
  const passed = Number(process.env.OCIRUN_FDS ?? preserveFds);
  if (preserveFds > passed)
    throw new Error(`--preserve-fds: descriptor ${STDIO + passed} is not open`);
}
