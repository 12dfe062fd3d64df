import { AT_EMPTY_PATH, defaultAction, F_SETFD, RLIMIT_NOFILE } from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';
import { IGNORED_BY_NODE, inheritedOpenFileLimit } from './inheritance.ts';
import { sealedLauncher } from './memfd.ts';

/**
 * Replaces this process by a launcher: its parent, its standard streams and its process id stay, no
 * Node remains. What Node changed for itself is changed back: ignored signals, close-on-exec on
 * inherited descriptors, the soft limit on open files.
 *
 * @param args the whole argument vector, the name first
 * @param keep how many descriptors to hand over, counted from 0
 * @throws KernelError when the launcher can't be executed
 */
export function become(
  kernel: LiveKernel,
  launcher: Uint8Array,
  args: readonly string[],
  keep: number,
): never {
  const fd = sealedLauncher(kernel, launcher);
  for (let inherited = 0; inherited < keep; inherited++)
    kernel.fcntl(inherited, F_SETFD, 0, { allow: ['EBADF'] });
  for (const signal of IGNORED_BY_NODE) kernel.rt_sigaction(signal, defaultAction());
  const { soft, hard } = inheritedOpenFileLimit(kernel);
  kernel.setrlimit(RLIMIT_NOFILE, soft, hard);
  kernel.execveat(fd, '', args, [], AT_EMPTY_PATH);
  throw new Error('execveat returned without an error');
}
