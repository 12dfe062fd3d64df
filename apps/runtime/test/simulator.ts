import { type AnyProvision, type Lane, Provision, type Stage } from '@oci/kernel';
import type { Move, Schedule } from '../src/pipeline.ts';

/** Numbers between 0 and 1, always the same ones for a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

const other: Record<Lane, Lane> = { host: 'container', container: 'host' };

/**
 * Runs both lanes as two tasks would, each at its own pace: a wait blocks until the other lane has
 * posted that often.
 *
 * @param first chooses the lane that goes next where both can: 0 to 1
 * @returns the stages in the order in which they ran
 * @throws Error when neither lane can go on
 */
export function simulate({ before, lanes }: Schedule, first: () => number): readonly Stage[] {
  const ran = [...before];
  const at: Record<Lane, number> = { host: 0, container: 0 };
  const posted: Record<Lane, number> = { host: 0, container: 0 };
  const next = (lane: Lane): Move | undefined => lanes[lane][at[lane]];
  const canGo = (lane: Lane): boolean => {
    const move = next(lane);
    return move !== undefined && (move.kind !== 'wait' || posted[other[lane]] >= move.count);
  };
  for (;;) {
    const able = (['host', 'container'] as const).filter(canGo);
    const lane = able[Math.floor(first() * able.length)];
    if (lane === undefined) break;
    const move = next(lane);
    at[lane]++;
    if (move?.kind === 'post') posted[lane]++;
    if (move?.kind === 'stage') ran.push(move.stage);
  }
  for (const lane of ['host', 'container'] as const)
    if (next(lane)) throw new Error(`deadlock: the ${lane} lane waits for ever`);
  return ran;
}

/** Paces of two lanes: one always goes first, the other does, and many in between. */
export function paces(seed: number): readonly (() => number)[] {
  const random = randomNumbers(seed);
  return [() => 0, () => 0.999, ...Array.from({ length: 5 }, () => random)];
}

export interface Plan {
  readonly stages: readonly Stage[];
  readonly clone: Stage;
  readonly barrier: Stage;
}

/** Any stages on two lanes that need any of what comes before them in the list. */
export function randomPlan(random: () => number): Plan {
  const below = (limit: number) => Math.floor(random() * limit);
  const provided: AnyProvision[] = [];
  const newStage = (name: string, lane: Lane): Stage => {
    const needs = provided.filter(() => random() < 0.15);
    const provides = Array.from(
      { length: below(3) },
      (_, index) => new Provision(`${name}.${index}`),
    );
    provided.push(...provides);
    return { name, lane, category: 'Sync', needs, provides, run: () => undefined };
  };
  const early = Array.from({ length: below(4) }, (_, index) => newStage(`early ${index}`, 'host'));
  const clone = newStage('clone', 'host');
  const late = Array.from({ length: 1 + below(15) }, (_, index) =>
    newStage(`late ${index}`, random() < 0.5 ? 'host' : 'container'),
  );
  const barrier = late[below(late.length)] ?? clone;
  return { stages: [...early, clone, ...late], clone, barrier };
}
