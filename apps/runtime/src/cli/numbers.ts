import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError unless it is a whole number from zero on */
export function parseCount(text: string): number {
  const value = parseLimit(text);
  if (value < 0) throw new InvalidArgumentError('It must not be negative.');
  return value;
}

/** A whole number; -1 mostly means that there is no limit. @throws InvalidArgumentError */
export function parseLimit(text: string): number {
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

const units = 'bkmgtp';

/** Bytes, `-1`, or as Docker writes them: `512m`, `1.5GiB`. @throws InvalidArgumentError */
export function parseSize(text: string): number {
  if (text === '-1') return -1;
  const [, count, unit = 'b'] = /^(\d+(?:\.\d+)?) ?([bkmgtp])?(?:i?b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(count) * 1024 ** units.indexOf(unit.toLowerCase()));
  if (count === undefined || !Number.isSafeInteger(bytes))
    throw new InvalidArgumentError('It must be a size such as 512m, or -1.');
  return bytes;
}
