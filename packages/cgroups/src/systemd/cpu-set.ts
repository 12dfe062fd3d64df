import { numberRange } from '@oci/spec';

/** The highest number that systemd's own parser takes (CPU_SETSIZE limits of sched.h are larger). */
const HIGHEST = 8191;

/**
 * A list such as `0-3,7` (cpuset(7), "List format") as systemd takes it: a bit for each number, the
 * lowest in the first byte. Undefined for what is not such a list, which the kernel then refuses.
 */
export function cpuSet(list: string): Uint8Array | undefined {
  const numbers = new Set<number>();
  for (const part of list.split(',').filter(Boolean)) {
    const range = numberRange(part);
    if (!range || range[1] > HIGHEST) return undefined;
    const [first, last] = range;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  if (numbers.size === 0) return undefined;
  const bytes = new Uint8Array(Math.floor(Math.max(...numbers) / 8) + 1);
  for (const number of numbers) {
    const index = Math.floor(number / 8);
    bytes[index] = (bytes[index] ?? 0) | (1 << (number % 8));
  }
  return bytes;
}
