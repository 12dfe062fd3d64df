import type { Contender } from '../contender.ts';
import { figureNames } from '../figures.ts';

/** Takes the same time always, and writes down what it was asked. */
export function fakeContender(name: string, time: bigint, asked: string[] = []): Contender {
  return {
    name,
    figures: figureNames,
    note: `about ${name}`,
    unavailable: async () => undefined,
    prepare: async () => {},
    life: async (id) => {
      asked.push(`life ${id}`);
      return time;
    },
    coldStart: async (id) => {
      asked.push(`cold ${id}`);
      return time / 2n;
    },
    close: async () => {},
  };
}
