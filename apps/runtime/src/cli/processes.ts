import { spawnSync } from 'node:child_process';
import { requireCgroup } from '../store/cgroup.ts';
import { ContainerError } from '../store/errors.ts';
import type { ContainerStore } from '../store/store.ts';

/** @throws ContainerError for a container that has stopped, or was given no cgroup */
export function processesOf(store: ContainerStore, id: string): number[] {
  const container = store.load(id);
  if (container.status() === 'stopped')
    throw new ContainerError('WRONG_STATUS', 'container not running');
  return requireCgroup(container).processes();
}

/**
 * What ps(1) says of some processes: its heading, and their lines.
 *
 * @param options of ps; its output needs a column PID
 * @throws Error when there is no ps, it fails, or has no such column
 */
export function describeProcesses(pids: readonly number[], options: readonly string[]): string {
  const args = options.length > 0 ? options : ['-ef'];
  const { error, status, stdout, stderr } = spawnSync('ps', args, { encoding: 'utf8' });
  if (error) throw new Error(`run ps: ${error.message}`);
  if (status !== 0)
    throw new Error(`ps ${args.join(' ')}: ${stderr.trim() || `exit code ${status}`}`);
  const [heading = '', ...lines] = stdout.split('\n');
  const column = words(heading).indexOf('PID');
  if (column < 0) throw new Error("couldn't find PID field in ps output");
  const wanted = new Set(pids.map(String));
  const ours = lines.filter((line) => wanted.has(words(line)[column] ?? ''));
  return `${[heading, ...ours].join('\n')}\n`;
}

function words(line: string): string[] {
  return line.trim().split(/\s+/);
}
