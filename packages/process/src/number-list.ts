/**
 * The numbers of a list such as `0-3,7`, as Linux writes sets of CPUs and nodes (cpuset(7), "List
 * format"); `undefined` for one that is malformed, or has a number of `end` or above.
 */
export function parseNumberList(list: string, end: number): number[] | undefined {
  const numbers = new Set<number>();
  for (const range of list.split(',').map((part) => part.trim())) {
    if (range === '') continue;
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (!(first <= last && last < end)) return undefined;
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers];
}
