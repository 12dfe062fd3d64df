import { readFileSync, rmSync } from 'node:fs';
import { run } from './ocirun.ts';

/** One system call of a traced process: strace counts the calls of each name by themselves. */
export interface TracedCall {
  readonly name: string;
  /** It is the n-th of its name, from 1. */
  readonly occurrence: number;
}

/** The system calls of each process that a command makes, the command's own first. */
export async function traceCalls(
  file: string,
  command: readonly string[],
): Promise<TracedCall[][]> {
  await run('strace', ['-f', '-o', file, ...command]);
  const processes = new Map<string, TracedCall[]>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [, pid, name] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (!pid || !name) continue;
    const calls = processes.get(pid) ?? [];
    calls.push({ name, occurrence: calls.filter((call) => call.name === name).length + 1 });
    processes.set(pid, calls);
  }
  rmSync(file);
  return [...processes.values()];
}

/** Runs a command of which some call is met by a signal; with `-f` its children's calls count too. */
export function interruptAt(
  { name, occurrence }: TracedCall,
  signal: string,
  command: readonly string[],
  ...flags: string[]
) {
  const inject = `inject=${name}:signal=${signal}:when=${occurrence}`;
  return run('strace', ['-o', '/dev/null', ...flags, '-e', inject, ...command]);
}
