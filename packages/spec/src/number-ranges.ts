/**
 * The ranges of a list such as `0-3,7`, as Linux writes sets of CPUs and nodes (cpuset(7), "List
 * format"): of each the first number and the last. `undefined` for a list that is malformed. As in
 * runc, there may be white space around ranges, and nothing between commas.
 */
export function numberRanges(list: string): [first: number, last: number][] | undefined {
  const ranges: [number, number][] = [];
  for (const range of list.split(',').map((part) => part.trim())) {
    if (range === '') continue;
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (!(first <= last)) return undefined;
    ranges.push([first, last]);
  }
  return ranges;
}
