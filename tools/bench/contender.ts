import type { Bundles } from './bundles.ts';
import type { Figure } from './figures.ts';

/** Where everything that a run writes goes. */
export interface Workplace {
  /** Private to this run, removed at its end. */
  readonly directory: string;
  readonly bundles: Bundles;
  /** The same, under Docker's default seccomp profile. */
  readonly confined: Bundles;
}

/** One way to start a container. Times are in nanoseconds. */
export interface Contender {
  readonly name: string;
  /** What to know when comparing it, for the table's foot. */
  readonly note?: string;
  /** Why it cannot take part, if it cannot. */
  unavailable(): Promise<string | undefined>;
  /** Whatever is done once, before anything is measured. */
  prepare(workplace: Workplace): Promise<void>;
  /** What it can be asked for. */
  readonly figures: readonly Figure[];
  life(id: string): Promise<bigint>;
  coldStart(id: string): Promise<bigint>;
  /** Bytes resident of what stays beside a running container. Missing where that is this process. */
  resident?(id: string): Promise<number>;
  close(): Promise<void>;
}
