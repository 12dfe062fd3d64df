import type { AnyProvision, Kernel, Lane, Stage } from '@oci/kernel';

/** One entry of a lane: a stage to run, a signal to give, or signals to wait for. */
export type Move =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | { readonly kind: 'post' }
  /** Until the other lane has posted this many times. */
  | { readonly kind: 'wait'; readonly count: number };

export interface Schedule {
  /** Host stages before the clone: the container lane inherits what they made. */
  readonly before: readonly Stage[];
  /** What the lanes do after it, side by side. */
  readonly lanes: Readonly<Record<Lane, readonly Move[]>>;
}

export interface ScheduleOptions {
  /** One stage at a time across both lanes, to measure what concurrency gains. */
  readonly sequential: boolean;
  /** The stage that ends the concurrent part: what comes after it only follows its own needs. */
  readonly barrier: Stage;
}

/**
 * Lays stages out on their lanes. A lane keeps the order of the list; where a stage needs what the
 * other lane provides after the clone, the provider signals and the stage waits. Stages that do not
 * need each other run at the same time.
 *
 * @param clone the stage of the list that makes the container lane
 * @throws Error when a need is provided by nobody, or only later in the list
 */
export function schedule(
  stages: readonly Stage[],
  clone: Stage,
  options: ScheduleOptions,
): Schedule {
  const split = stages.indexOf(clone) + 1;
  if (split === 0) throw new Error(`${clone.name} is not one of the stages`);
  const before = stages.slice(0, split);
  const after = stages.slice(split);
  const providers = new Map<AnyProvision, Stage>();
  const edges = crossings(before, after, providers, options);

  const lanes: Record<Lane, Move[]> = { host: [], container: [] };
  const posts: Record<Lane, number> = { host: 0, container: 0 };
  const posted = new Map<Stage, number>();
  const signalling = new Set(edges.values());
  for (const stage of after) {
    const moves = lanes[stage.lane];
    const from = edges.get(stage);
    const count = from && posted.get(from);
    if (count !== undefined) moves.push({ kind: 'wait', count });
    moves.push({ kind: 'stage', stage });
    if (signalling.has(stage)) {
      moves.push({ kind: 'post' });
      posted.set(stage, ++posts[stage.lane]);
    }
  }
  return { before, lanes };
}

/**
 * For each stage after the clone, the last stage of the other lane that it must wait for, where no
 * stage before it has waited for that or a later one.
 */
function crossings(
  before: readonly Stage[],
  after: readonly Stage[],
  providers: Map<AnyProvision, Stage>,
  { sequential, barrier }: ScheduleOptions,
): Map<Stage, Stage> {
  const provide = (stage: Stage) => {
    for (const provision of stage.provides ?? []) providers.set(provision, stage);
  };
  for (const stage of before) {
    if (stage.lane !== 'host') throw new Error(`${stage.name} runs before its lane exists`);
    checkNeeds(stage, providers);
    provide(stage);
  }
  const edges = new Map<Stage, Stage>();
  const waited: Record<Lane, number> = { host: -1, container: -1 };
  const end = after.indexOf(barrier);
  for (const [index, stage] of after.entries()) {
    const needed = checkNeeds(stage, providers);
    const previous = after[index - 1];
    if (sequential && previous && index <= end) needed.push(previous);
    const crossing = needed.filter((from) => from.lane !== stage.lane);
    const last = Math.max(...crossing.map((from) => after.indexOf(from)), -1);
    const from = after[last];
    if (from && last > waited[stage.lane]) {
      edges.set(stage, from);
      waited[stage.lane] = last;
    }
    provide(stage);
  }
  return edges;
}

function checkNeeds(stage: Stage, providers: ReadonlyMap<AnyProvision, Stage>): Stage[] {
  return (stage.needs ?? []).map((need) => {
    const provider = providers.get(need);
    if (!provider)
      throw new Error(`${stage.name} needs ${need.name}, which no stage before it provides`);
    return provider;
  });
}

/** What the pipeline needs of the channel between the lanes. */
export interface Signals {
  post(kernel: Kernel, lane: Lane): void;
  wait(kernel: Kernel, lane: Lane, count: number): void;
}

/** Issues the calls of one lane after the clone. */
export function runLane(
  kernel: Kernel,
  lane: Lane,
  moves: readonly Move[],
  signals: Signals,
): void {
  for (const move of moves) {
    if (move.kind === 'stage') move.stage.run(kernel);
    else if (move.kind === 'post') signals.post(kernel, lane);
    else signals.wait(kernel, lane, move.count);
  }
}
