import type { Contender } from './contender.ts';
import type { Figure } from './figures.ts';
import { rest } from './rest.ts';

/**
 * Milliseconds before each start. The kernel unmakes namespaces in the background; without a pause
 * a start pays for its predecessor, and the fast ones most (here the floor's p90 trebles).
 */
const pause = 2;

export interface Plan {
  readonly contenders: readonly Contender[];
  readonly figures: readonly Figure[];
  readonly warmUps: number;
  readonly runs: number;
  /** Ends the measuring with its reason. */
  readonly interruption: AbortSignal;
  /** Called before each round, the warm-ups included. */
  readonly onRound?: (done: number, all: number) => void;
}

/** Nanoseconds, by contender and figure, in the order in which they were measured. */
export type Samples = ReadonlyMap<Contender, Readonly<Record<Figure, readonly number[]>>>;

/**
 * Measures in rounds: each round takes every contender once for every figure, one after the other,
 * so that whatever slows the machine for a while slows them alike. Every other round is walked
 * backwards, so that none always follows the same one.
 */
export async function measure(plan: Plan): Promise<Samples> {
  const { contenders, figures, warmUps, runs, interruption, onRound } = plan;
  const samples = new Map(
    contenders.map((contender) => [contender, { life: [] as number[], coldStart: [] as number[] }]),
  );
  const all = warmUps + runs;
  for (let round = 0; round < all; round++) {
    interruption.throwIfAborted();
    onRound?.(round, all);
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const figure of figures) {
      for (const contender of order) {
        if (!contender.figures.includes(figure)) continue;
        await rest(pause);
        const time = await contender[figure](`bench-${process.pid}-${contender.name}-${round}`);
        if (round >= warmUps) samples.get(contender)?.[figure].push(Number(time));
      }
    }
  }
  return samples;
}
