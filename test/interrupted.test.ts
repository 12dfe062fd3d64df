import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBundle } from './support/bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './support/leftovers.ts';
import { newId, ocirun } from './support/ocirun.ts';
import { interruptAt, type TracedCall, traceCalls } from './support/trace.ts';

let bundle: TestBundle;
let before: Leftovers;

beforeEach(() => {
  bundle = new TestBundle().with(({ linux }) => {
    linux.resources = { memory: { limit: 2 ** 26 }, devices: [{ allow: false, access: 'rwm' }] };
  });
  before = leftovers();
});

afterEach(async () => {
  bundle.remove();
  expect(await nothingMoreThan(before)).toEqual(before);
});

const states = () => join(bundle.path, 'states');
const left = () => readdirSync(states());
const start = (id: string) => [join(bundle.path, 'launcher'), '--root', states(), id];
const deleteByForce = (id: string) => ocirun(['--root', states(), 'delete', '--force', id]);

/** Compiles a launcher, and tells the calls that it and its container make. */
async function launcherCalls(script: string, ...flags: string[]): Promise<TracedCall[][]> {
  bundle.script(script);
  // All starts then make the same calls.
  mkdirSync(states());
  await ocirun(['compile', ...flags, bundle.path, '-o', join(bundle.path, 'launcher')]);
  const calls = await traceCalls(join(bundle.path, 'trace'), start(newId()));
  expect(left()).toEqual([]);
  return calls;
}

describe('a launcher', () => {
  it('that is killed at any step leaves what delete --force cleans', async () => {
    const [host = []] = await launcherCalls('sleep 0.3');
    let half = 0;
    for (const call of host) {
      const id = newId();
      await interruptAt(call, 'KILL', start(id));
      if (left().length > 0) half++;
      expect(await deleteByForce(id)).toMatchObject({ status: 0, stderr: '' });
      expect(left()).toEqual([]);
    }
    // Otherwise nothing was interrupted halfway, and this shows nothing.
    expect(half).toBeGreaterThan(10);
  }, 180_000);

  it('that is told to end before its container runs unmakes it', async () => {
    const [host = []] = await launcherCalls('sleep 0.1');
    const blocked = host.findIndex(({ name }) => name === 'rt_sigprocmask');
    const polled = host.findIndex(({ name }) => name === 'rt_sigtimedwait');
    expect(polled).toBeGreaterThan(blocked + 10);
    for (const [step, call] of host.slice(1, polled).entries()) {
      const { status, signal, stderr } = await interruptAt(call, 'TERM', start(newId()));
      // Before signals are blocked nothing has been made, and it may just die.
      if (step + 1 < blocked) expect([status, signal]).toContain('SIGTERM');
      else
        expect({ status, stderr }).toEqual({
          status: 1,
          stderr: expect.stringMatching(
            /^ocirun: (start the container: )?interrupted by a signal\n$/,
          ),
        });
      expect(left()).toEqual([]);
    }
  }, 180_000);

  it('whose container process is killed at any step says so, and unmakes everything', async () => {
    const [host = [], container = []] = await launcherCalls('exit 3');
    const ofHost = ({ name, occurrence }: TracedCall) =>
      host.some((call) => call.name === name && call.occurrence === occurrence);
    const exec = container.findIndex(({ name }) => name === 'execve');
    // Calls that only the container process makes, and not all of them.
    const calls = container.slice(0, exec).filter((call) => !ofHost(call));
    expect(calls.length).toBeGreaterThan(80);
    for (const call of calls.filter((_, index) => index % 7 === 0)) {
      const { status, stderr } = await interruptAt(call, 'KILL', start(newId()), '-f');
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr:
          'ocirun: the container process ended before it was set up; linux.resources.memory.limit may be too small\n',
      });
      expect(left()).toEqual([]);
    }
  }, 180_000);
});
