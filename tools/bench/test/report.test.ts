import { expect, test } from 'vitest';
import { report } from '../report.ts';
import { collect } from '../results.ts';
import { fakeContender } from './fake-contender.ts';

const floor = fakeContender('floor', 0n);
const crun = fakeContender('crun', 0n);
const absent = fakeContender('runc', 0n);

const results = collect({
  runs: 1,
  bindMounts: 40,
  contenders: [floor, crun, absent],
  reasons: new Map([[absent, 'not installed']]),
  samples: new Map([
    [floor, { life: [2e6], coldStart: [] }],
    [crun, { life: [7e6], coldStart: [] }],
  ]),
  residents: new Map([[crun, 3 * 1024 * 1024]]),
});

test('compares medians with the floor and with crun', () => {
  expect(results.contenders[0]?.timings.life).toMatchObject({ median: 2e6, toFloor: 1 });
  expect(results.contenders[1]?.timings.life).toMatchObject({ toFloor: 3.5, toCrun: 1 });
});

test('leaves out figures that nobody has', () => {
  expect(results.contenders[0]?.timings).not.toHaveProperty('coldStart');
  expect(report(results)).not.toContain('Cold start');
});

test('says in the table what was measured, and below it who was left out and why', () => {
  const text = report(results);
  expect(text).toContain('(ms, 1 interleaved runs, 40 bind mounts)');
  expect(text).toMatch(/crun\s+│\s+7\.00 │\s+7\.00 │\s+7\.00 │\s+3\.50 │\s+1\.00/);
  expect(text).toMatch(/crun\s+│\s+3072/);
  expect(text).toContain('runc: left out, not installed');
});
