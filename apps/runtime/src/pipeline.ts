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
  const before = stages.slice(0, split);
  const after = stages.slice(split);
  const providers = new Map<AnyProvision, Stage>();
  const edges = crossings(before, after, providers, options);

  const lanes: Record<Lane, Move[]> = { host: [], container: [] };
  const posts: Record<Lane, number> = { host: 0, container: 0 };
  const waited: Record<Lane, number> = { host: 0, container: 0 };
  const posted = new Map<Stage, number>();
  for (const stage of after) {
    const moves = lanes[stage.lane];
    const count = Math.max(0, ...(edges.get(stage) ?? []).map((from) => posted.get(from) ?? 0));
    if (count > waited[stage.lane]) {
      moves.push({ kind: 'wait', count });
      waited[stage.lane] = count;
    }
    moves.push({ kind: 'stage', stage });
    if ([...edges.values()].some((froms) => froms.includes(stage))) {
      moves.push({ kind: 'post' });
      posted.set(stage, ++posts[stage.lane]);
    }
  }
  return { before, lanes };
}

/** For each stage after the clone, the stages of the other lane that it must wait for. */
function crossings(
  before: readonly Stage[],
  after: readonly Stage[],
  providers: Map<AnyProvision, Stage>,
  { sequential }: ScheduleOptions,
): Map<Stage, Stage[]> {
  const provide = (stage: Stage) => {
    for (const provision of stage.provides ?? []) providers.set(provision, stage);
  };
  for (const stage of before) {
    if (stage.lane !== 'host') throw new Error(`${stage.name} runs before its lane exists`);
    checkNeeds(stage, providers);
    provide(stage);
  }
  const edges = new Map<Stage, Stage[]>();
  let previous: Stage | undefined;
  for (const stage of after) {
    const needed = checkNeeds(stage, providers).filter((from) => after.includes(from));
    if (sequential && previous) needed.push(previous);
    const crossing = needed.filter((from) => from.lane !== stage.lane);
    if (crossing.length > 0) edges.set(stage, crossing);
    provide(stage);
    previous = stage;
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
