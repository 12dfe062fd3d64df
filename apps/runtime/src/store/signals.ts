import { SIG } from '@oci/kernel';
import { ContainerError } from './errors.ts';

/** The first two real-time signals of the kernel are libc's own. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** Other names for the same signals. */
const aliases: Readonly<Record<string, string>> = {
  SIGCLD: 'SIGCHLD',
  SIGIOT: 'SIGABRT',
  SIGPOLL: 'SIGIO',
};

const numbers = new Map<string, number>(Object.entries(SIG));

/**
 * The number of a signal: `KILL`, `SIGKILL`, `kill`, `9`, `RTMIN+1` or `SIGRTMAX-1`. Zero only
 * checks that there is somebody to signal.
 *
 * @throws ContainerError for anything else.
 */
export function parseSignal(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : named(text.toUpperCase());
  if (number === undefined || number > SIGRTMAX) {
    throw new ContainerError('INVALID_SIGNAL', `unknown signal ${JSON.stringify(text)}`);
  }
  return number;
}

function named(text: string): number | undefined {
  const name = text.startsWith('SIG') ? text : `SIG${text}`;
  return numbers.get(aliases[name] ?? name) ?? realTime(name);
}

function realTime(name: string): number | undefined {
  const match = name.match(/^SIGRT(?:MIN(\+\d{1,2})?|MAX(-\d{1,2})?)$/);
  if (!match) return undefined;
  const [, above, below] = match;
  const number = name.startsWith('SIGRTMIN')
    ? SIGRTMIN + Number(above ?? 0)
    : SIGRTMAX + Number(below ?? 0);
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : undefined;
}
