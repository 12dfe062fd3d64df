type NumberRange = readonly [first: number, last: number];

/** One range of a list such as `0-3,7`, or one number. `undefined` for what is malformed. */
export function numberRange(range: string): NumberRange | undefined {
  const [, from, to = from] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return first <= last ? [first, last] : undefined;
}

/**
 * The ranges of a list such as `0-3,7`, as Linux writes sets of CPUs and nodes (cpuset(7), "List
 * format"): of each the first number and the last. `undefined` for a list that is malformed. As in
 * runc, there may be white space around ranges, and nothing between commas.
 */
export function numberRanges(list: string): NumberRange[] | undefined {
  const ranges = list
    .split(',')
    .filter((range) => range.trim() !== '')
    .map(numberRange);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}
