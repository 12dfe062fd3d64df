import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBundle } from './support/bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './support/leftovers.ts';
import { newId, ocirun, run } from './support/ocirun.ts';

let bundle: TestBundle;
let launcher: string;
let before: Leftovers;

beforeEach(async () => {
  bundle = new TestBundle();
  bundle.script('exec sleep 1000');
  launcher = join(bundle.path, 'launcher');
  before = leftovers();
  await ocirun(['compile', '--detach', bundle.path, '-o', launcher]);
});

afterEach(async () => {
  bundle.remove();
  expect(await nothingMoreThan(before)).toEqual(before);
});

/** Runs the launcher, whose n-th system call is met by a signal. */
function interrupted(id: string, signal: string, step: number, ...flags: string[]) {
  const inject = `inject=all:signal=${signal}:when=${step}`;
  const trace = ['-o', '/dev/null', ...flags, '-e', 'trace=all', '-e', inject];
  return run('strace', [...trace, launcher, '--root', root(), id]);
}

const root = () => join(bundle.path, 'states');

/** The host lane makes fewer system calls than this. */
const STEPS = 80;
const CONTAINER_STEPS = 260;

describe('a launcher', () => {
  it('that is killed at any step leaves what delete --force cleans', async () => {
    let half = 0;
    for (let step = 1; step <= STEPS; step++) {
      const id = newId();
      await interrupted(id, 'KILL', step);
      if (existsSync(join(root(), id))) half++;
      expect(await ocirun(['--root', root(), 'delete', '--force', id])).toMatchObject({
        status: 0,
      });
      expect(existsSync(join(root(), id))).toBe(false);
      expect((await nothingMoreThan(before)).launchers).toEqual(before.launchers);
    }
    // Otherwise nothing was interrupted halfway, and this shows nothing.
    expect(half).toBeGreaterThan(10);
  }, 180_000);

  it('that is told to end either unmakes the container or has started it', async () => {
    let [started, unmade] = [0, 0];
    for (let step = 3; step <= STEPS; step += 2) {
      const id = newId();
      const { status, stderr } = await interrupted(id, 'TERM', step);
      if (status === 0) {
        started++;
        await ocirun(['--root', root(), 'delete', '--force', id]);
      } else if (status === 1) {
        unmade++;
        expect(stderr).toBe('ocirun: interrupted by a signal\n');
      }
      expect(existsSync(root()) ? readdirSync(root()) : []).toEqual([]);
    }
    expect(unmade).toBeGreaterThan(10);
    expect(started + unmade).toBeGreaterThan(0);
  }, 180_000);

  it('whose container process is killed at any step says so, and unmakes everything', async () => {
    let failed = 0;
    for (let step = 20; step <= CONTAINER_STEPS; step += 12) {
      const id = newId();
      // Each process counts its own calls; the launcher itself makes fewer than these.
      const { status, stderr } = await interrupted(id, 'KILL', STEPS + step, '-f');
      if (status === 1) {
        failed++;
        expect(stderr).toMatch(/ended before it was set up/);
      } else {
        await ocirun(['--root', root(), 'delete', '--force', id]);
      }
      expect(existsSync(root()) ? readdirSync(root()) : []).toEqual([]);
    }
    expect(failed).toBeGreaterThan(0);
  }, 180_000);
});
