import { badArchitecture, noSuchCall } from '../actions.ts';
import { X32_BIT } from '../architectures.ts';
import { NR_OFFSET } from '../bpf/opcodes.ts';
import type { ArchitectureCalls } from '../profile/calls.ts';
import { decideCall } from './arguments.ts';
import { type Decision, type Decisions, depthAbove, type Switch } from './decision.ts';
import { weightOf } from './hot-calls.ts';

/** What a tracer leaves in place of the number of a call that is not to be made. */
const NO_CALL = 0xffff_ffff;

/**
 * What to do with calls of one audit architecture, by number.
 * @param sections the architectures that share it: one, or x86-64 and x32
 * @param otherwise what to do with calls that no rule decides
 */
export function decideNumber(
  decisions: Decisions,
  sections: readonly ArchitectureCalls[],
  otherwise: Decision,
): Decision {
  const ranges = new Ranges();
  const wrongMode = decisions.verdict(badArchitecture);
  const [x32] = sections.filter(({ architecture }) => architecture.base === X32_BIT);
  const [other] = sections.filter((section) => section !== x32);
  if (other) addSection(ranges, decisions, other, otherwise);
  else ranges.add(0, wrongMode, 0);
  if (x32) addSection(ranges, decisions, x32, otherwise);
  else if (other?.architecture.name === 'SCMP_ARCH_X86_64') {
    ranges.add(X32_BIT, wrongMode, 0);
    ranges.add(NO_CALL, otherwise, 0);
  }
  return ranges.toDecision();
}

function addSection(
  ranges: Ranges,
  decisions: Decisions,
  { architecture, table, calls, newest }: ArchitectureCalls,
  otherwise: Decision,
): void {
  const { base } = architecture;
  const missing = newest >= 0 ? decisions.verdict(noSuchCall) : otherwise;
  const decided = new Map<unknown, Decision>();
  let next = base === X32_BIT ? X32_BIT : 0;
  // Through number 0 come the calls of s390 whose number the kernel does not know.
  if (/S390/.test(architecture.name)) ranges.add(next++, missing, 1);
  for (const position of table.order) {
    const rules = calls[position];
    if (!rules) continue;
    let decision = decided.get(rules);
    if (!decision) {
      decision = decideCall(decisions, architecture, rules, otherwise);
      decided.set(rules, decision);
    }
    const number = (table.numbers[position] ?? 0) + base;
    if (number > next) ranges.add(next, otherwise, 1);
    ranges.add(number, decision, weightOf(position));
    next = number + 1;
  }
  if (newest >= next) {
    ranges.add(next, otherwise, 1);
    next = newest + 1;
  }
  ranges.add(next, missing, 1);
}

/** Ranges of numbers in ascending order; neighbours with one decision become one. */
class Ranges {
  readonly #starts: number[] = [];
  readonly #targets: Decision[] = [];
  readonly #weights: number[] = [];

  add(start: number, target: Decision, weight: number): void {
    const last = this.#targets.length - 1;
    if (this.#targets[last] === target) {
      this.#weights[last] = (this.#weights[last] ?? 0) + weight;
      return;
    }
    this.#starts.push(start);
    this.#targets.push(target);
    this.#weights.push(weight);
  }

  toDecision(): Decision {
    const [only] = this.#targets;
    if (only && this.#targets.length === 1) return only;
    const whole: Switch = {
      kind: 'switch',
      word: NR_OFFSET,
      starts: this.#starts,
      targets: this.#targets,
      weights: this.#weights,
      depth: depthAbove(this.#targets),
    };
    return whole;
  }
}
