import type { ArchitectureInfo } from '../architectures.ts';
import { ARGS_OFFSET, BPF_MAXINSNS } from '../bpf/opcodes.ts';
import type { CallRule } from '../profile/calls.ts';
import { type Comparison, equal, holds } from '../profile/comparison.ts';
import type { Decision, Decisions, Range } from './decision.ts';

/** A rule, and how many of its comparisons are known to hold already. */
interface Candidate {
  readonly rule: CallRule;
  /** Its place among the call's. */
  readonly place: number;
  readonly held: number;
}

/**
 * How many states of mind a call may need beside these for each rule. Beyond, its rules are tried one
 * after the other: that grows with their number only, while looking at each argument once may not.
 * More than a filter has instructions are never of use.
 */
const MANY_STATES = 512;
const MANY_STATES_EACH = 8;

/** How often a call's rules may be looked at altogether: some tenths of a second. */
const MANY_LOOKS = 8_000_000;

/**
 * What to do with one call: looks at each of its arguments once, in order, and keeps in mind which
 * rules can still hold.
 * @param rules in the order in which they are tried
 * @param otherwise what to do if none holds
 */
export function decideCall(
  decisions: Decisions,
  { bits, bigEndian }: ArchitectureInfo,
  rules: readonly CallRule[],
  otherwise: Decision,
): Decision {
  const words = new Words(decisions, bits, bigEndian);
  const most = Math.min(MANY_STATES + MANY_STATES_EACH * rules.length, BPF_MAXINSNS);
  const known = new Map<string, Decision>();
  let looks = 0;

  function decide(given: readonly Candidate[]): Decision | undefined {
    const candidates = relevant(given);
    const [first] = candidates;
    if (!first) return otherwise;
    if (!pending(first)) return decisions.verdict(first.rule.value);
    const key = candidates.map(({ place, held }) => `${place}.${held}`).join();
    const before = known.get(key);
    if (before) return before;
    if (known.size > most || looks > MANY_LOOKS) return undefined;
    const decision = branch(candidates);
    if (decision) known.set(key, decision);
    return decision;
  }

  function branch(candidates: readonly Candidate[]): Decision | undefined {
    const next = candidates.flatMap((candidate) => pending(candidate) ?? []);
    const index = Math.min(...next.map((comparison) => comparison.index));
    const here = next.filter((comparison) => comparison.index === index);
    const masked = here.find(({ operator }) => operator === 'SCMP_CMP_MASKED_EQ');
    if (masked) {
      looks += 2 * candidates.length;
      const isMasked = (one: Comparison): boolean => equal(one, masked);
      const yes = decide(settle(candidates, isMasked, () => true));
      const no = yes && decide(settle(candidates, isMasked, () => false));
      return no && words.maskTest(masked, yes, no);
    }
    const starts = cuts(here, bits);
    looks += starts.length * candidates.length;
    const ranges: { start: bigint; target: Decision }[] = [];
    for (const start of starts) {
      const target = decide(
        settle(
          candidates,
          (one) => one.index === index,
          (one) => holds(one, start),
        ),
      );
      if (!target) return undefined;
      ranges.push({ start, target });
    }
    return words.switch(index, ranges);
  }

  const candidates = rules.map((rule, place) => ({ rule, place, held: 0 }));
  return decide(candidates) ?? tryInTurn(words, decisions, rules, otherwise);
}

/** One rule after the other, each comparison on its own. */
function tryInTurn(
  words: Words,
  decisions: Decisions,
  rules: readonly CallRule[],
  otherwise: Decision,
): Decision {
  return rules.reduceRight(
    (no, { value, comparisons }) =>
      comparisons.reduceRight(
        (yes, comparison) => words.compare(comparison, yes, no),
        decisions.verdict(value),
      ),
    otherwise,
  );
}

/** The comparison that a candidate waits for, if any. */
function pending({ rule, held }: Candidate): Comparison | undefined {
  return rule.comparisons[held];
}

/** Without what comes too late to decide, or decides as what comes after it does. */
function relevant(candidates: readonly Candidate[]): readonly Candidate[] {
  const end = candidates.findIndex((candidate) => !pending(candidate));
  const last = candidates[end];
  if (!last) return candidates;
  let start = end;
  while (start > 0 && candidates[start - 1]?.rule.value === last.rule.value) start--;
  return [...candidates.slice(0, start), last];
}

/** The candidates once it is known whether some of the comparisons they wait for hold. */
function settle(
  candidates: readonly Candidate[],
  isKnown: (comparison: Comparison) => boolean,
  isTrue: (comparison: Comparison) => boolean,
): readonly Candidate[] {
  const left: Candidate[] = [];
  for (const candidate of candidates) {
    const next = pending(candidate);
    if (!next || !isKnown(next)) left.push(candidate);
    else if (isTrue(next)) left.push({ ...candidate, held: candidate.held + 1 });
  }
  return left;
}

/** Where in an argument's range any of the comparisons changes its mind. */
function cuts(comparisons: readonly Comparison[], bits: 32 | 64): bigint[] {
  const found = new Set([0n]);
  for (const { operator, value } of comparisons) {
    const keepsValue = operator === 'SCMP_CMP_LE' || operator === 'SCMP_CMP_GT';
    if (!keepsValue) found.add(value);
    if (operator !== 'SCMP_CMP_LT' && operator !== 'SCMP_CMP_GE') found.add(value + 1n);
  }
  found.delete(1n << BigInt(bits));
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/** Decisions on a whole argument, made of decisions on its words. */
class Words {
  readonly #decisions: Decisions;
  readonly #bits: 32 | 64;
  readonly #bigEndian: boolean;

  constructor(decisions: Decisions, bits: 32 | 64, bigEndian: boolean) {
    this.#decisions = decisions;
    this.#bits = bits;
    this.#bigEndian = bigEndian;
  }

  #offset(index: number, half: 'low' | 'high'): number {
    return ARGS_OFFSET + 8 * index + ((half === 'high') === this.#bigEndian ? 0 : 4);
  }

  /** Ranges of a 64-bit argument: by its upper half, and where that is not enough by its lower. */
  switch(
    index: number,
    ranges: readonly { readonly start: bigint; readonly target: Decision }[],
  ): Decision {
    const low = this.#offset(index, 'low');
    if (this.#bits === 32)
      return this.#decisions.switch(
        low,
        ranges.map(({ start, target }) => ({ start: Number(start), target })),
      );
    const upper: Range[] = [];
    let before = ranges[0]?.target;
    for (let i = 0; before && i < ranges.length; ) {
      const high = (ranges[i]?.start ?? 0n) >> 32n;
      const lower: Range[] = [{ start: 0, target: before }];
      for (; i < ranges.length; i++) {
        const range = ranges[i];
        if (!range || range.start >> 32n !== high) break;
        const start = Number(range.start & 0xffff_ffffn);
        if (start === 0) lower.pop();
        lower.push({ start, target: range.target });
        before = range.target;
      }
      upper.push({ start: Number(high), target: this.#decisions.switch(low, lower) });
      const following = ranges[i];
      // Between this upper half and the next one that needs a closer look.
      if (high < 0xffff_ffffn && (!following || following.start >> 32n !== high + 1n))
        upper.push({ start: Number(high + 1n), target: before });
    }
    return this.#decisions.switch(this.#offset(index, 'high'), upper);
  }

  maskTest({ index, mask, value }: Comparison, yes: Decision, no: Decision): Decision {
    const lower = this.#decisions.maskTest(
      this.#offset(index, 'low'),
      Number(mask & 0xffff_ffffn),
      Number(value & 0xffff_ffffn),
      yes,
      no,
    );
    if (this.#bits === 32) return lower;
    const high = this.#offset(index, 'high');
    return this.#decisions.maskTest(high, Number(mask >> 32n), Number(value >> 32n), lower, no);
  }

  compare(comparison: Comparison, yes: Decision, no: Decision): Decision {
    if (comparison.operator === 'SCMP_CMP_MASKED_EQ') return this.maskTest(comparison, yes, no);
    const ranges = cuts([comparison], this.#bits).map((start) => ({
      start,
      target: holds(comparison, start) ? yes : no,
    }));
    return this.switch(comparison.index, ranges);
  }
}
