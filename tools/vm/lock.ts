import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs the body while no other process holds the lock: an flock(2) kept by a child, so that it is
 * given back however we end.
 */
export async function locked<T>(file: string, signal: AbortSignal, body: () => Promise<T>) {
  const holder = spawn('flock', ['--no-fork', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  });
  const ended = once(holder, 'close').catch(() => undefined);
  try {
    const first = await Promise.race([once(holder.stdout, 'data'), ended]);
    signal.throwIfAborted();
    if (!first || holder.exitCode !== null) throw new Error(`cannot lock ${file}`);
    return await body();
  } finally {
    holder.stdin.destroy();
    await ended;
  }
}
