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
  return becomeLauncher(new LiveKernel(), launcher, args, STDIO + preserveFds);
}
