/**
 * What a filter decides, before it is laid out as instructions: a graph in which equal parts are one
 * object.
 */
export type Decision = Verdict | Switch | MaskTest;

interface Common {
  /** How many decisions may follow this one. */
  readonly depth: number;
}

/** The end: what the filter returns. */
export interface Verdict extends Common {
  readonly kind: 'verdict';
  readonly value: number;
}

/** Goes by the range that a word of `seccomp_data` lies in. */
export interface Switch extends Common {
  readonly kind: 'switch';
  /** The word's offset in bytes. */
  readonly word: number;
  /** Where each range starts, in ascending order from 0; the last goes up to 2^32 - 1. */
  readonly starts: readonly number[];
  /** One a range; neighbours differ. */
  readonly targets: readonly Decision[];
  /** How often each range is come through, relative to the others; alike unless given. */
  readonly weights?: readonly number[];
}

/** Goes by whether `(word & mask) == value`. */
export interface MaskTest extends Common {
  readonly kind: 'mask';
  readonly word: number;
  readonly mask: number;
  readonly value: number;
  readonly yes: Decision;
  readonly no: Decision;
}

/** A range and where it leads, for `Decisions.switch`. */
export interface Range {
  readonly start: number;
  readonly target: Decision;
}

/** The depth of a decision that leads to these. */
export function depthAbove(targets: readonly Decision[]): number {
  return 1 + targets.reduce((deepest, { depth }) => Math.max(deepest, depth), 0);
}

/** All that a decision leads to and then itself, each after what it leads to. */
export function bottomUp(decision: Decision): ReadonlySet<Decision> {
  const done = new Set<Decision>();
  const waiting = [decision];
  for (let last = waiting.at(-1); last; last = waiting.at(-1)) {
    const before = waiting.length;
    for (const next of leadsTo(last)) if (!done.has(next)) waiting.push(next);
    if (waiting.length > before) continue;
    done.add(last);
    waiting.pop();
  }
  return done;
}

function leadsTo(decision: Decision): readonly Decision[] {
  switch (decision.kind) {
    case 'verdict':
      return [];
    case 'switch':
      return decision.targets;
    case 'mask':
      return [decision.yes, decision.no];
  }
}

/** Makes decisions, each only once. */
export class Decisions {
  readonly #verdicts = new Map<number, Verdict>();
  readonly #known = new Map<string, Decision>();
  readonly #ids = new Map<Decision, number>();

  verdict(value: number): Decision {
    let decision = this.#verdicts.get(value);
    if (!decision) {
      decision = { kind: 'verdict', value, depth: 0 };
      this.#verdicts.set(value, decision);
      this.#ids.set(decision, this.#ids.size);
    }
    return decision;
  }

  /** Neighbouring ranges that lead to the same decision become one. */
  switch(word: number, ranges: readonly Range[]): Decision {
    const distinct = ranges.filter(({ target }, i) => target !== ranges[i - 1]?.target);
    const [first] = distinct;
    if (!first) throw new RangeError('a switch needs a range');
    if (distinct.length === 1) return first.target;
    const key = distinct.map(({ start, target }) => `${start}:${this.#ids.get(target)}`);
    return this.#once(`s${word},${key.join()}`, () => {
      const targets = distinct.map(({ target }) => target);
      const starts = distinct.map(({ start }) => start);
      return { kind: 'switch', word, starts, targets, depth: depthAbove(targets) };
    });
  }

  maskTest(word: number, mask: number, value: number, yes: Decision, no: Decision): Decision {
    if (mask === 0 || yes === no) return yes;
    const key = `m${word},${mask},${value},${this.#ids.get(yes)},${this.#ids.get(no)}`;
    return this.#once(key, () => {
      return { kind: 'mask', word, mask, value, yes, no, depth: depthAbove([yes, no]) };
    });
  }

  #once(key: string, make: () => Decision): Decision {
    let decision = this.#known.get(key);
    if (!decision) {
      decision = make();
      this.#known.set(key, decision);
      this.#ids.set(decision, this.#ids.size);
    }
    return decision;
  }
}
