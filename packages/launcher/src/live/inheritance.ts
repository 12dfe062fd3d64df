import { RLIMIT_NOFILE, SIGPIPE, SIGXFSZ } from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';

/** Signals that Node ignores; an ignored signal stays ignored over exec (execve(2)). */
export const IGNORED_BY_NODE = [SIGPIPE, SIGXFSZ] as const;

/** Two 64-bit words: soft and hard. */
const RLIMIT_BYTES = 16;

/** Open files that this process may have: soft and hard limit. */
export interface OpenFileLimit {
  readonly soft: number;
  readonly hard: number;
}

/**
 * The limit on open files that this process was started with. Node raises its own soft limit to
 * the hard one, so it has to come from elsewhere: `OCIRUN_NOFILE`, set by the command's wrapper,
 * else from the parent process, which is what it was inherited from.
 */
export function inheritedOpenFileLimit(kernel: LiveKernel): OpenFileLimit {
  const own = openFileLimit(kernel, 0);
  const told = Number(process.env.OCIRUN_NOFILE ?? Number.NaN);
  const soft = Number.isInteger(told) && told > 0 ? told : openFileLimit(kernel, process.ppid).soft;
  return { soft: Math.min(soft, own.hard), hard: own.hard };
}

/** The limits of a process; of this one where the other's can't be read. */
function openFileLimit(kernel: LiveKernel, pid: number): OpenFileLimit {
  const memory = kernel.memory('limit', RLIMIT_BYTES);
  const result = kernel.getrlimit(pid, RLIMIT_NOFILE, memory, { allow: ['EPERM', 'ESRCH'] });
  if (Number(result) < 0) return openFileLimit(kernel, 0);
  return { soft: Number(kernel.load(memory, 0, 8)), hard: Number(kernel.load(memory, 8, 8)) };
}
