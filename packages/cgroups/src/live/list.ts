/** Reads a list of numbers as cpuset(7) writes it: `0-2,7` is 0, 1, 2 and 7. */
export function parseList(text: string): number[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
