import { UsageError } from './usage.ts';

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration as Go's time.ParseDuration does: `5s`, `1m30s`, `500ms`.
 *
 * @returns milliseconds
 * @throws UsageError for anything else, and for none
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy)];
  const total = parts.reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (milliseconds[unit] ?? 0),
    0,
  );
  if (parts.map(([part]) => part).join('') !== text || !(total > 0))
    throw new UsageError(`invalid duration ${JSON.stringify(text)}`);
  return total;
}
