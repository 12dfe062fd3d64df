import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';

const mark = 'OCI_BENCH_PRIVATE_MOUNTS';
const unified = '/sys/fs/cgroup/unified';

/**
 * Runs this program again in a mount namespace of its own, where the empty cgroup v2 tree of a hybrid
 * layout is unmounted: crun refuses to start beside one.
 *
 * @returns the exit status of that run, or undefined when this is it
 */
export async function rerunWithPrivateMounts(): Promise<number | undefined> {
  if (process.env[mark]) {
    delete process.env[mark];
    if (existsSync(unified)) spawnSync('umount', [unified], { stdio: 'inherit' });
    return undefined;
  }
  const node = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', ['--mount', '--propagation', 'private', ...node], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: '1' },
  });
  process.on('SIGINT', () => {}); // The terminal sends it to the child too.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return status ?? 128 + (signal ? constants.signals[signal] : 0);
}
