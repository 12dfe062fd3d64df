import { expect, it } from 'vitest';
import { parseDuration } from '../../src/cli/duration.ts';

it.each([
  ['5s', 5000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['.5s', 500],
  ['1h', 3_600_000],
  ['2us', 0.002],
  ['2µs', 0.002],
  ['3ns', 0.000003],
])('%s is %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
});

it.each(['', '0s', '5', '-1s', 's', '5 s', '1d', '5s!', 'x5s', '.s'])(
  '%j is no duration',
  (text) => {
    expect(() => parseDuration(text)).toThrow(`invalid duration ${JSON.stringify(text)}`);
  },
);
