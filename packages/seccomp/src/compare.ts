import { isBigEndian } from './architectures.ts';
import { type Edges, findEdges } from './bpf/edges.ts';
import {
  ARCH_OFFSET,
  ARGS_OFFSET,
  BPF_ABS,
  BPF_JA,
  BPF_JMP,
  BPF_LD,
  BPF_RET,
  DATA_SIZE,
  NR_OFFSET,
} from './bpf/opcodes.ts';
import type { Filter } from './filter.ts';
import { runUntil } from './simulate.ts';

/** Calls that two filters treat differently. */
export interface Difference {
  /** The audit architecture: `AUDIT_ARCH_*`. */
  readonly arch: number;
  /** The first and the last number. */
  readonly from: number;
  readonly to: number;
  /** What each filter returns. */
  readonly a: number;
  readonly b: number;
  /** Arguments for which they do, if it depends on them. */
  readonly args?: readonly bigint[];
}

const NR = NR_OFFSET / 4;
const ARCH = ARCH_OFFSET / 4;
const ARGS = ARGS_OFFSET / 4;

/**
 * Finds out whether two filters decide alike. It tries every architecture, every range of numbers and
 * every argument that either filter tells apart: all constants that they compare a word of the call
 * with, and their neighbours, in all combinations that a filter looks at. Filters that calculate with
 * more than constants and masks may differ elsewhere.
 */
export function compareFilters(a: Filter, b: Filter): Difference[] {
  const edges = findEdges(a, b);
  const comparison = new Comparison(a, b, edges);
  const differences: Difference[] = [];
  for (const arch of edges[ARCH] ?? [0]) {
    const numbers = edges[NR] ?? [0];
    for (const [i, from] of numbers.entries()) {
      const found = comparison.firstDifference(arch, from);
      if (!found) continue;
      const to = (numbers[i + 1] ?? 0x1_0000_0000) - 1;
      add(differences, { arch, from, to, ...found });
    }
  }
  return differences;
}

type Found = Pick<Difference, 'a' | 'b' | 'args'>;

/** Runs both filters side by side, choosing values for a word only when one of them loads it. */
class Comparison {
  readonly #filters: readonly [Filter, Filter];
  readonly #edges: Edges;
  /** Per filter, which words can still be loaded from each instruction on, bit by bit. */
  readonly #loads: readonly [Uint16Array, Uint16Array];
  /** How far both were, and what they had to go by, when nothing was found. */
  readonly #alike = new Set<string>();

  constructor(a: Filter, b: Filter, edges: Edges) {
    this.#filters = [a, b];
    this.#edges = edges;
    this.#loads = [laterLoads(a), laterLoads(b)];
  }

  firstDifference(arch: number, nr: number): Found | undefined {
    const data = new Uint32Array(DATA_SIZE / 4);
    data[ARCH] = arch;
    data[NR] = nr;
    this.#alike.clear();
    return this.#explore(data, (1 << NR) | (1 << ARCH));
  }

  /** @param fixed the words that have been chosen, bit by bit */
  #explore(data: Uint32Array, fixed: number): Found | undefined {
    const [a, b] = this.#filters;
    const [left, right] = [runUntil(a, data, ~fixed), runUntil(b, data, ~fixed)];
    const [stopped, filter] = left.stopped < 0 ? [right.stopped, b] : [left.stopped, a];
    if (stopped < 0) {
      if (left.value === right.value) return undefined;
      const args = fixed >> ARGS ? { args: argumentsOf(data) } : {};
      return { a: left.value, b: right.value, ...args };
    }
    const later = (this.#loads[0][left.stopped] ?? 0) | (this.#loads[1][right.stopped] ?? 0);
    const known = data.filter((_, word) => fixed & later & (1 << word));
    const state = `${left.stopped}:${left.value},${right.stopped}:${right.value},${fixed & later},${known}`;
    if (this.#alike.has(state)) return undefined;
    const word = (filter.words[2 * stopped + 1] ?? 0) >> 2;
    for (const value of this.#edges[word] ?? [0]) {
      data[word] = value;
      const found = this.#explore(data, fixed | (1 << word));
      if (found) return found;
    }
    data[word] = 0;
    this.#alike.add(state);
    return undefined;
  }
}

/** Jumps lead forward only, so what follows an instruction is known when it is looked at from behind. */
function laterLoads(filter: Filter): Uint16Array {
  const loads = new Uint16Array(filter.length);
  const from = (at: number): number => loads[at] ?? 0;
  for (const [i, { code, jt, jf, k }] of filter.instructions.toReversed().entries()) {
    const at = filter.length - 1 - i;
    if (code === BPF_JMP + BPF_JA) loads[at] = from(at + 1 + k);
    else if ((code & 7) === BPF_JMP) loads[at] = from(at + 1 + jt) | from(at + 1 + jf);
    else if ((code & 7) !== BPF_RET) {
      const own = code === BPF_LD + BPF_ABS ? 1 << (k >> 2) : 0;
      loads[at] = from(at + 1) | own;
    }
  }
  return loads;
}

function argumentsOf(data: Uint32Array): bigint[] {
  const upper = isBigEndian(data[ARCH] ?? 0) ? 0 : 1;
  return Array.from({ length: 6 }, (_, i) => {
    const at = ARGS + 2 * i;
    const [high, low] = [data[at + upper] ?? 0, data[at + 1 - upper] ?? 0];
    return (BigInt(high) << 32n) | BigInt(low);
  });
}

/** Neighbouring ranges with one difference become one. */
function add(differences: Difference[], difference: Difference): void {
  const last = differences.at(-1);
  const continues =
    last &&
    last.arch === difference.arch &&
    last.to + 1 === difference.from &&
    last.a === difference.a &&
    last.b === difference.b &&
    !last.args &&
    !difference.args;
  if (continues) differences.splice(-1, 1, { ...last, to: difference.to });
  else differences.push(difference);
}
