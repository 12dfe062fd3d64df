import { expect, it } from 'vitest';
import { parseSize } from '../../src/cli/numbers.ts';

it.each([
  ['0', 0],
  ['-1', -1],
  ['1000', 1000],
  ['1b', 1],
  ['512k', 2 ** 19],
  ['512K', 2 ** 19],
  ['1.5m', 1.5 * 2 ** 20],
  ['2 GiB', 2 ** 31],
  ['1gb', 2 ** 30],
  ['1t', 2 ** 40],
  ['1p', 2 ** 50],
])('%s is %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(['', '-2', 'm', '1e3', '1x', '1mm', '8p', ' 1'])('%j is no size', (text) => {
  expect(() => parseSize(text)).toThrow('It must be a size');
});
