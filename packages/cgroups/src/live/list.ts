import { numberRanges } from '@oci/spec';

/** Reads a list of numbers as cpuset(7) writes it: `0-2,7` is 0, 1, 2 and 7. */
export function parseList(text: string): number[] {
  return (numberRanges(text) ?? []).flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}
