import type { Decision, Switch } from './decision.ts';

/** A comparison of the accumulator with a constant, and where it leads. */
export interface Comparison {
  readonly kind: 'test';
  readonly operation: 'equal' | 'atLeast';
  readonly k: number;
  readonly yes: Branch;
  readonly no: Branch;
  /** Whether `yes` is at least as likely as `no`. */
  readonly likely: boolean;
}

export type Branch = Comparison | Decision;

/** Up to so many single values among equal neighbours are asked for one by one. */
const FEW = 2;

/**
 * Lays a switch out as a tree of comparisons: balanced by weight, so that what is common is decided
 * soon; a single value between ranges that lead to one place is asked for on its own, which spares a
 * comparison.
 */
export function buildTree({ starts, targets, weights }: Switch): Branch {
  const sums = [0];
  for (let i = 0; i < starts.length; i++) sums.push((sums[i] ?? 0) + (weights?.[i] ?? 1));
  return new Tree(starts, targets, sums).build(0, starts.length);
}

/** Builds trees over some neighbouring ranges: those from `first` to before `end`. */
class Tree {
  readonly #starts: readonly number[];
  readonly #targets: readonly Decision[];
  readonly #sums: readonly number[];

  /** @param sums what all ranges before each weigh, and one more for all */
  constructor(starts: readonly number[], targets: readonly Decision[], sums: readonly number[]) {
    this.#starts = starts;
    this.#targets = targets;
    this.#sums = sums;
  }

  build(first: number, end: number): Branch {
    const only = this.#targets[first];
    if (only && end === first + 1) return only;
    const total = this.#weigh(first, end);
    const middle = this.#median(first, end, total);
    if (this.#isSingle(middle, first, end) && 2 * this.#weigh(middle, middle + 1) >= total)
      return this.#ask(middle, this.#without(middle, first, end), true);
    if (this.#areFewSingles(first, end)) return this.#chain(first, end);
    const parting = this.#partAt(middle, first, end);
    const likely = 2 * this.#weigh(parting, end) >= total;
    const [yes, no] = [this.build(parting, end), this.build(first, parting)];
    return { kind: 'test', operation: 'atLeast', k: this.#starts[parting] ?? 0, yes, no, likely };
  }

  /** Asks for the only value of a range. */
  #ask(i: number, no: Branch, likely: boolean): Branch {
    const yes = this.build(i, i + 1);
    return { kind: 'test', operation: 'equal', k: this.#starts[i] ?? 0, yes, no, likely };
  }

  #weigh(first: number, end: number): number {
    return (this.#sums[end] ?? 0) - (this.#sums[first] ?? 0);
  }

  /** The range with which, from the left, half of the weight is reached. */
  #median(first: number, end: number, total: number): number {
    let [low, high] = [first, end - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (2 * this.#weigh(first, middle + 1) >= total) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Where to part ranges so that both sides weigh about the same: before the median or after it. */
  #partAt(median: number, first: number, end: number): number {
    if (median === first) return median + 1;
    if (median === end - 1) return median;
    return this.#weigh(first, median) > this.#weigh(median + 1, end) ? median : median + 1;
  }

  /** Whether a range has one value, and its neighbours lead to one place. */
  #isSingle(i: number, first: number, end: number): boolean {
    if (i <= first || i + 1 >= end) return false;
    const isOneValue = this.#starts[i + 1] === (this.#starts[i] ?? 0) + 1;
    return isOneValue && this.#targets[i - 1] === this.#targets[i + 1];
  }

  /** Whether there are but few single values, and nothing else than what is around them. */
  #areFewSingles(first: number, end: number): boolean {
    if ((end - first) % 2 === 0 || end - first > 2 * FEW + 1) return false;
    for (let i = first + 1; i < end; i += 2) if (!this.#isSingle(i, first, end)) return false;
    return true;
  }

  /** Asks for single values one by one, the likeliest first. */
  #chain(first: number, end: number): Branch {
    const singles: number[] = [];
    for (let i = first + 1; i < end; i += 2) singles.push(i);
    singles.sort((a, b) => this.#weigh(a, a + 1) - this.#weigh(b, b + 1));
    return singles.reduce((no, i) => this.#ask(i, no, false), this.build(first, first + 1));
  }

  /** A tree without a range, whose neighbours become one. */
  #without(i: number, first: number, end: number): Branch {
    const cut = <T>(list: readonly T[]): T[] => [
      ...list.slice(first, i),
      ...list.slice(i + 2, end),
    ];
    const sums = [...cut(this.#sums), this.#sums[end] ?? 0];
    const rest = new Tree(cut(this.#starts), cut(this.#targets), sums);
    return rest.build(0, end - first - 2);
  }
}
