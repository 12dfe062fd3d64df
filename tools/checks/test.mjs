/**
 * `npm test`: every check of the workspace, on a machine where nothing is prepared. Plain JavaScript,
 * for it runs before anything is installed. Ends with `N passed, N failed`.
 */
import { installPackages } from '../setup/install.mjs';
import { CommandFailed, run } from '../setup/run.mjs';
import { tool } from '../setup/workspace.mjs';
import { installDebianPackages } from './debian.mjs';
import { plannedTasks, runTargets } from './nx.mjs';
import { Tally } from './tally.mjs';
import { readReport, removeReport } from './vitest-report.mjs';

/** Biome paints even where nobody sees it. */
const colors = process.stdout.isTTY ? [] : ['--colors=off'];

/** The targets that run tests, which are counted one by one. */
const testTargets = ['unit', 'integration'];

/** @param {Tally} tally */
async function checkAll(tally) {
  await installDebianPackages();
  await installPackages();

  title('format and lint');
  tally.check('format and lint', (await run([tool('biome'), 'ci', ...colors, '.'])) === 0);

  await checkTargets(tally, ['types', 'unit', 'build', 'pack']);
  // Containers are started for real: one project at a time, and never from the cache.
  await checkTargets(tally, ['integration'], ['--parallel=1']);
}

/**
 * @param {Tally} tally
 * @param {readonly string[]} targets
 * @param {readonly string[]} [options] for nx
 */
async function checkTargets(tally, targets, options) {
  title(targets.join(', '));
  const tasks = await plannedTasks(targets);
  if (tasks.length === 0) {
    console.log('No project has that.');
    return;
  }
  for (const { projectRoot } of tasks) removeReport(projectRoot);
  const passed = await runTargets(targets, options);
  for (const { id, target, projectRoot } of tasks) {
    if (testTargets.includes(target)) tally.tests(id, passed.has(id), readReport(projectRoot));
    else tally.check(id, passed.has(id));
  }
}

/** @param {string} text */
function title(text) {
  console.log(`\n━━ ${text}`);
}

/** @param {Tally} tally */
function report({ passed, failed, skipped, failures, ranTests }) {
  title('result');
  for (const failure of failures) console.log(`✗ ${failure}`);
  if (!ranTests) console.log('✗ no test ran');
  if (skipped > 0) console.log(`${skipped} skipped`);
  console.log(`${(performance.now() / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed`);
}

const tally = new Tally();
try {
  await checkAll(tally);
} catch (error) {
  tally.fail(error instanceof CommandFailed ? error.message : String(error));
}
report(tally);
process.exitCode = tally.failed === 0 && tally.ranTests ? 0 : 1;
