import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, runQuietly } from '../setup/run.mjs';
import { tool, workspace } from '../setup/workspace.mjs';

/**
 * A target of one project.
 * @typedef {{ id: string, target: string, projectRoot: string }} Task
 */

/**
 * Which tasks `nx run-many` will run for these targets.
 * @param {readonly string[]} targets
 * @returns {Promise<Task[]>}
 */
export async function plannedTasks(targets) {
  const directory = mkdtempSync(join(tmpdir(), 'ocirun-checks-'));
  try {
    const file = join(directory, 'graph.json');
    const command = [tool('nx'), 'run-many', '-t', ...targets, `--graph=${file}`];
    await runQuietly(`Planning ${targets.join(', ')}`, command);
    const { tasks } = JSON.parse(readFileSync(file, 'utf8'));
    return Object.values(tasks.tasks).map(({ id, target, projectRoot }) => ({
      id,
      target: target.target,
      projectRoot,
    }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Runs targets of all projects, from the cache where nothing changed.
 * @param {readonly string[]} targets
 * @param {readonly string[]} [options]
 * @returns the ids of the tasks that passed
 */
export async function runTargets(targets, options = []) {
  const record = join(workspace, '.nx/cache/run.json');
  rmSync(record, { force: true });
  await run([tool('nx'), 'run-many', '-t', ...targets, ...options]);
  /** @type {{ tasks: { taskId: string, status: number }[] }} */
  const { tasks } = JSON.parse(readFileSync(record, 'utf8'));
  return new Set(tasks.filter(({ status }) => status === 0).map(({ taskId }) => taskId));
}
