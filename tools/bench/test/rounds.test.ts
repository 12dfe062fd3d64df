import { expect, test } from 'vitest';
import { measure } from '../rounds.ts';
import { fakeContender } from './fake-contender.ts';

const interruption = new AbortController().signal;

test('walks the contenders in each round, every other time backwards', async () => {
  const asked: string[] = [];
  const contenders = [fakeContender('a', 1n, asked), fakeContender('b', 1n, asked)];
  await measure({ contenders, figures: ['life'], warmUps: 1, runs: 1, interruption });
  expect(asked.map((line) => line.replace(/bench-\d+-/, ''))).toEqual([
    'life a-0',
    'life b-0',
    'life b-1',
    'life a-1',
  ]);
});

test('keeps no sample of a warm-up', async () => {
  const contender = fakeContender('a', 8n);
  const plan = { contenders: [contender], warmUps: 2, runs: 3, interruption };
  const samples = await measure({ ...plan, figures: ['life', 'coldStart'] });
  expect(samples.get(contender)).toEqual({ life: [8, 8, 8], coldStart: [4, 4, 4] });
});

test('stops when interrupted', async () => {
  const plan = { contenders: [fakeContender('a', 1n)], warmUps: 1, runs: 1 };
  const stopped = AbortSignal.abort(new Error('interrupted by SIGINT'));
  await expect(measure({ ...plan, figures: ['life'], interruption: stopped })).rejects.toThrow(
    'interrupted by SIGINT',
  );
});
