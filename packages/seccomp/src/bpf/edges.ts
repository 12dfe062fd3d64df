import type { Filter } from '../filter.ts';
import * as op from './opcodes.ts';

/** For each word of `seccomp_data`, values between which a filter may tell a difference; sorted. */
export type Edges = readonly (readonly number[])[];

const MAX = 0xffff_ffff;

/** The values at which filters change their mind: what they compare each word with, and beside it. */
export function findEdges(...filters: readonly Filter[]): Edges {
  const edges = Array.from({ length: op.DATA_SIZE / 4 }, () => new Set([0, MAX]));
  for (const filter of filters) collect(filter, edges);
  return edges.map((set) => [...set].sort((a, b) => a - b));
}

/** What the accumulator may hold: words, bit by bit, of which `mask` has been cut out. */
interface Held {
  readonly words: number;
  readonly mask: number;
}

function collect(filter: Filter, edges: readonly Set<number>[]): void {
  const arriving: (Held | undefined)[] = [];
  let held: Held | undefined = { words: 0, mask: MAX };
  const arrive = (at: number, state: Held | undefined): void => {
    arriving[at] = join(arriving[at], state);
  };
  for (const [at, { code, jt, jf, k }] of filter.instructions.entries()) {
    held = join(held, arriving[at]);
    if (code === op.BPF_LD + op.BPF_ABS) held = { words: 1 << (k >> 2), mask: MAX };
    else if (code === op.BPF_ALU + op.BPF_AND + op.BPF_K)
      held = held && { ...held, mask: (held.mask & k) >>> 0 };
    else if ((code & 7) === op.BPF_RET) held = undefined;
    else if (code === op.BPF_JMP + op.BPF_JA) {
      arrive(at + 1 + k, held);
      held = undefined;
    } else if ((code & 7) === op.BPF_JMP) {
      if (held) note(edges, held, values(code, k, held.mask));
      arrive(at + 1 + jt, held);
      arrive(at + 1 + jf, held);
      held = undefined;
    } else if ((code & 7) === op.BPF_LD || (code & 7) === op.BPF_ALU)
      held = { words: 0, mask: MAX };
  }
}

function join(a: Held | undefined, b: Held | undefined): Held | undefined {
  if (!a || !b) return a ?? b;
  return { words: a.words | b.words, mask: (a.mask & b.mask) >>> 0 };
}

function values(code: number, k: number, mask: number): number[] {
  const isBits = (code & 0xf0) === op.BPF_JSET;
  if (!isBits && mask === MAX) return [k - 1, k, k + 1];
  const bits = isBits ? k : mask;
  const expected = isBits ? 0 : k;
  const single = Array.from({ length: 32 }, (_, i) => (1 << i) >>> 0).filter((bit) => bits & bit);
  // Equal, equal with all the rest set, and different in each bit.
  return [expected, expected | ~bits, ...single.map((bit) => expected ^ bit), k - 1, k, k + 1];
}

function note(edges: readonly Set<number>[], { words }: Held, found: readonly number[]): void {
  for (const [word, set] of edges.entries())
    if (words & (1 << word))
      for (const value of found) if (value >= -MAX && value <= MAX) set.add(value >>> 0);
}
