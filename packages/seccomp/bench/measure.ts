const rounds = 60;

/** Until the compiler of this code is done with it. */
const warmUp = 150;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/**
 * The median time of each, in ms, taking turns.
 *
 * @param give what a subject is to have anew each time: making it is not counted
 */
export function measure<T>(
  subjects: Readonly<Record<string, (given: T) => unknown>>,
  give: () => T,
): Map<string, number> {
  const times = new Map(Object.keys(subjects).map((name): [string, number[]] => [name, []]));
  for (let round = -warmUp; round < rounds; round++)
    for (const [name, subject] of Object.entries(subjects)) {
      const given = give();
      const start = performance.now();
      subject(given);
      if (round >= 0) times.get(name)?.push(performance.now() - start);
    }
  return new Map([...times].map(([name, list]) => [name, median(list)]));
}
