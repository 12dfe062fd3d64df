import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../setup/workspace.mjs';

/**
 * What vitest's json reporter wrote about one project.
 * @typedef {{ passed: number, skipped: number, failures: string[] }} Report
 */

/** Where vitest.config.ts has reports written, and nx.json has them cached. */
const directory = 'reports';

/**
 * @param {string} project its root
 * @returns {Report | undefined}
 */
export function readReport(project) {
  let text;
  try {
    text = readFileSync(join(workspace, project, directory, 'vitest.json'), 'utf8');
  } catch {
    return undefined;
  }
  const report = JSON.parse(text);
  /** @type {{ status: string, fullName: string }[]} */
  const tests = report.testResults.flatMap(
    (/** @type {{ assertionResults: object[] }} */ file) => file.assertionResults,
  );
  return {
    passed: report.numPassedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
  };
}

/**
 * Removes a project's report, lest an older run's be counted.
 * @param {string} project its root
 */
export function removeReport(project) {
  rmSync(join(workspace, project, directory), { recursive: true, force: true });
}
