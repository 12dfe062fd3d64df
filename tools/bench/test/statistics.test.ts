import { expect, test } from 'vitest';
import { summarize } from '../statistics.ts';

test('sums up one sample', () => {
  expect(summarize([7])).toEqual({ median: 7, min: 7, p90: 7 });
});

test('takes samples in any order, and leaves them so', () => {
  const samples = [30, 10, 20];
  expect(summarize(samples)).toMatchObject({ median: 20, min: 10 });
  expect(samples).toEqual([30, 10, 20]);
});

test('interpolates between samples', () => {
  expect(summarize([1, 2, 3, 4]).median).toBe(2.5);
  expect(summarize([0, 10]).p90).toBe(9);
});
