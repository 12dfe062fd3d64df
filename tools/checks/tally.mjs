/** What passed and what did not: tests, and checks that count as one each. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** @type {string[]} */
  failures = [];
  #tests = 0;

  /**
   * @param {string} name
   * @param {boolean} passed
   */
  check(name, passed) {
    if (passed) this.passed++;
    else this.fail(name);
  }

  /**
   * Counts a run of tests, which may have failed as a whole.
   * @param {string} name
   * @param {boolean} passed
   * @param {import('./vitest-report.mjs').Report | undefined} report
   */
  tests(name, passed, report) {
    this.#tests += (report?.passed ?? 0) + (report?.failures.length ?? 0);
    this.passed += report?.passed ?? 0;
    this.skipped += report?.skipped ?? 0;
    for (const failure of report?.failures ?? []) this.fail(`${name} ${failure}`);
    if (!report) this.fail(`${name} left no report`);
    else if (!passed && report.failures.length === 0) this.fail(name);
  }

  /** @param {string} name */
  fail(name) {
    this.failed++;
    this.failures.push(name);
  }

  get ranTests() {
    return this.#tests > 0;
  }
}
