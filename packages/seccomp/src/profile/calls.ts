import { SpecError } from '@oci/spec';
import type { ArchitectureInfo } from '../architectures.ts';
import { BPF_MAXINSNS } from '../bpf/opcodes.ts';
import { type SyscallTable, syscallPosition, syscallTable } from '../syscalls.ts';
import { type Comparison, toComparison } from './comparison.ts';
import { multiplexed } from './multiplexed.ts';
import { byPrecedence, startsWith } from './precedence.ts';
import type { Rule, Rules } from './rules.ts';

/** A rule as it applies to one call of one architecture. */
export interface CallRule {
  /** Its place in the profile's `syscalls`. */
  readonly entry: number;
  readonly value: number;
  /** All of which must hold, in the order of their arguments; none for a rule without conditions. */
  readonly comparisons: readonly Comparison[];
}

type Calls = readonly (readonly CallRule[] | undefined)[];

/** What a profile says of the calls of one architecture. */
export interface ArchitectureCalls {
  readonly architecture: ArchitectureInfo;
  readonly table: SyscallTable;
  /** By `syscallPosition`: the rules that can decide a call, in the order in which they are tried. */
  readonly calls: Calls;
  /**
   * The highest number that a rule names, whatever its action, where higher ones are said not to
   * exist; -1 where they are not, or no rule names any.
   */
  readonly newest: number;
}

export interface ApplyOptions {
  /** The profile's JSON path. */
  readonly at: string;
  /** runc's rule: what is newer than all that the profile names does not exist. */
  readonly refuseNewer: boolean;
}

/**
 * Works out which rules apply to which calls of an architecture, with libseccomp's precedence: a
 * rule without conditions beats all with, and the first of several such counts; the others are tried
 * as `byPrecedence` orders them.
 * @throws SpecError where libseccomp would refuse a rule, because an earlier one has the same
 *   conditions, or these and more, and another action; or because there are too many for a filter.
 */
export function applyRules(
  architecture: ArchitectureInfo,
  { rules, defaultValue }: Rules,
  { at, refuseNewer }: ApplyOptions,
): ArchitectureCalls {
  const { bits, base } = architecture;
  const table = syscallTable(architecture.table);
  const calls = new Array<readonly CallRule[] | undefined>(table.numbers.length).fill(undefined);
  let newest = -1;
  const note = (position: number): boolean => {
    const number = table.numbers[position] ?? -1;
    newest = Math.max(newest, number);
    return number >= 0;
  };
  for (const rule of rules) {
    // libseccomp takes no rule that changes nothing, and runc and crun leave them out.
    const effective = rule.value !== defaultValue;
    const applied = effective ? forArchitecture(rule, bits) : [];
    const lists = applied.map((one): [CallRule] => [one]);
    for (const position of rule.calls) {
      if (note(position)) for (const list of lists) add(calls, position, list, at);
      const through = architecture.multiplexed ? multiplexed(position) : undefined;
      const carrier = through && syscallPosition(through.call);
      if (through === undefined || carrier === undefined || !note(carrier)) continue;
      for (const one of applied) add(calls, carrier, [selected(one, through.selector, bits)], at);
    }
  }
  for (let position = 0; position < calls.length; position++) {
    const list = calls[position];
    if (list && list.length > 1)
      calls[position] = list.toSorted((a, b) => byPrecedence(a.comparisons, b.comparisons));
  }
  return { architecture, table, calls, newest: refuseNewer && newest >= 0 ? newest + base : -1 };
}

function forArchitecture({ entry, value, alternatives }: Rule, bits: 32 | 64): CallRule[] {
  return alternatives.map((args) => ({
    entry,
    value,
    comparisons: args.flatMap((arg) => toComparison(arg, bits) ?? []),
  }));
}

/** The rule for a call that comes through another: its first argument is the selector there. */
function selected(rule: CallRule, selector: number, bits: 32 | 64): CallRule {
  const first = toComparison({ index: 0, op: 'SCMP_CMP_EQ', value: selector }, bits);
  const rest = rule.comparisons.filter(({ index }) => index > 0);
  return { ...rule, comparisons: first ? [first, ...rest] : rest };
}

/**
 * Adds a rule to those of a call: one without conditions, or several with.
 * @param alone the rule as a list, which calls without other rules share
 */
function add(
  calls: (readonly CallRule[] | undefined)[],
  position: number,
  alone: readonly [CallRule],
  at: string,
): void {
  const list = calls[position];
  const [rule] = alone;
  if (!list) {
    calls[position] = alone;
    return;
  }
  if (list[0]?.comparisons.length === 0) return;
  if (rule.comparisons.length === 0) {
    calls[position] = alone;
    return;
  }
  const rest: CallRule[] = [];
  for (const other of list) {
    const wider = startsWith(other.comparisons, rule.comparisons);
    if (wider && other.value !== rule.value) throw conflict(rule, other, at);
    if (!wider) {
      if (startsWith(rule.comparisons, other.comparisons)) return;
      rest.push(other);
    }
  }
  if (rest.length >= BPF_MAXINSNS) {
    const message = `one call has more rules with conditions than a filter has instructions (${BPF_MAXINSNS})`;
    throw refusal(rule, message, at);
  }
  calls[position] = [...rest, rule];
}

function conflict(rule: CallRule, earlier: CallRule, at: string): SpecError {
  const message = `conflicts with ${at}.syscalls[${earlier.entry}]: both hold for the same arguments of a call, but their actions differ`;
  return refusal(rule, message, at);
}

function refusal({ entry }: CallRule, message: string, at: string): SpecError {
  return new SpecError('seccomp profile', [{ path: `${at}.syscalls[${entry}]`, message }]);
}
