import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { locked } from '../lock.ts';

const directory = mkdtempSync(join(tmpdir(), 'ocirun-lock-'));
afterAll(() => rmSync(directory, { recursive: true }));
const { signal } = new AbortController();

test('lets one in at a time, also after a failure', async () => {
  const file = join(directory, 'one');
  let [inside, most] = [0, 0];
  const body = async () => {
    most = Math.max(most, ++inside);
    await sleep(50);
    inside--;
    throw new Error('body failed');
  };
  const all = await Promise.allSettled([1, 2, 3].map(() => locked(file, signal, body)));
  expect(all.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(
    Array(3).fill('body failed'),
  );
  expect(most).toBe(1);
});

test('stops waiting when told to', async () => {
  const file = join(directory, 'two');
  await locked(file, signal, async () => {
    const stop = new AbortController();
    const waiting = locked(file, stop.signal, async () => expect.unreachable());
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(waiting).rejects.toThrow('enough');
  });
});

test('says when there can be no lock', async () => {
  const file = join(directory, 'missing/lock');
  await expect(locked(file, signal, async () => undefined)).rejects.toThrow(`cannot lock ${file}`);
});
