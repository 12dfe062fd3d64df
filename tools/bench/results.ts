import { cpus, release } from 'node:os';
import type { Contender } from './contender.ts';
import { type Figure, figureNames } from './figures.ts';
import type { Samples } from './rounds.ts';
import { type Summary, summarize } from './statistics.ts';

export interface Timing extends Summary {
  readonly toFloor?: number;
  readonly toCrun?: number;
}

export interface ContenderResult {
  readonly name: string;
  readonly note?: string;
  /** Why there is nothing else here. */
  readonly unavailable?: string;
  /** Nanoseconds. */
  readonly timings: Partial<Record<Figure, Timing>>;
  /** Bytes. */
  readonly resident?: number;
}

/** What `--json` writes. */
export interface Results {
  readonly machine: { readonly kernel: string; readonly cpus: number; readonly node: string };
  readonly runs: number;
  /** How many the config has beyond the default one's mounts. */
  readonly bindMounts: number;
  readonly contenders: readonly ContenderResult[];
}

export interface Outcome {
  readonly runs: number;
  readonly bindMounts: number;
  readonly contenders: readonly Contender[];
  readonly reasons: ReadonlyMap<Contender, string>;
  readonly samples: Samples;
  readonly residents: ReadonlyMap<Contender, number>;
}

export function collect(outcome: Outcome): Results {
  return {
    machine: { kernel: release(), cpus: cpus().length, node: process.version },
    runs: outcome.runs,
    bindMounts: outcome.bindMounts,
    contenders: outcome.contenders.map((contender) => resultOf(contender, outcome)),
  };
}

function resultOf(contender: Contender, outcome: Outcome): ContenderResult {
  const unavailable = outcome.reasons.get(contender);
  const resident = outcome.residents.get(contender);
  const timings: Partial<Record<Figure, Timing>> = {};
  for (const figure of figureNames) {
    const timing = timingOf(contender, figure, outcome.samples);
    if (timing) timings[figure] = timing;
  }
  return {
    name: contender.name,
    ...(contender.note && { note: contender.note }),
    ...(unavailable && { unavailable }),
    timings,
    ...(resident !== undefined && { resident }),
  };
}

function timingOf(contender: Contender, figure: Figure, samples: Samples): Timing | undefined {
  const own = samples.get(contender)?.[figure] ?? [];
  if (own.length === 0) return undefined;
  const summary = summarize(own);
  const ratio = (name: string) => {
    const other = medianOf(name, figure, samples);
    return other === undefined ? undefined : summary.median / other;
  };
  const toFloor = ratio('floor');
  const toCrun = ratio('crun');
  return {
    ...summary,
    ...(toFloor !== undefined && { toFloor }),
    ...(toCrun !== undefined && { toCrun }),
  };
}

function medianOf(name: string, figure: Figure, samples: Samples): number | undefined {
  for (const [contender, times] of samples) {
    if (contender.name === name && times[figure].length > 0) return summarize(times[figure]).median;
  }
  return undefined;
}
