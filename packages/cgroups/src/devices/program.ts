import { type Access, ALL } from './access.ts';
import {
  and,
  exit,
  type Instruction,
  jump,
  type Label,
  label,
  load,
  move,
  type Register,
} from './ebpf.ts';
import type { DeviceRule, NodeType } from './rules.ts';
import { isGlobal, simplify } from './simplify.ts';

/** BPF_DEVCG_DEV_* */
export const nodeTypes = { b: 1, c: 2 } as const satisfies Record<NodeType, number>;

/**
 * `struct bpf_cgroup_dev_ctx` (linux/bpf.h): three words of 32 bits, access_type, major and minor.
 * The first has the type in its low half and the access in its high one.
 */
export const context = {
  type: { offset: 0, width: 2 },
  access: { offset: 2, width: 2 },
  major: { offset: 4, width: 4 },
  minor: { offset: 8, width: 4 },
} as const;

type Member = keyof typeof context;
const members: readonly Member[] = ['type', 'access', 'major', 'minor'];

const RESULT: Register = 0;
const CONTEXT: Register = 1;
const registers = { type: 2, access: 3, major: 4, minor: 5 } as const satisfies Record<
  Member,
  Register
>;

const ALLOW: Label = 'allow';
const DENY: Label = 'deny';

/**
 * A program of type BPF_PROG_TYPE_CGROUP_DEVICE for a list of rules: it returns 1 for what is
 * allowed, and 0 for what fails with EPERM. The last rule about a device and a kind of access has
 * the word on it, and everything that is wanted at once must be allowed.
 *
 * It runs on every open and mknod of a device, so it is laid out to end soon: rules are tried last
 * first, those of one verdict that follow each other sorted by type and number to compare each
 * number once, and access that is decided for all devices is not looked at again.
 */
export function deviceProgram(rules: readonly DeviceRule[]): Instruction[] {
  const decisions = new Decisions();
  for (const run of runs(simplify(rules))) decisions.add(run);
  return decisions.program();
}

/** Rules, last first, in runs of one verdict: within a run, order does not matter. */
function runs(rules: readonly DeviceRule[]): DeviceRule[][] {
  const runs: DeviceRule[][] = [];
  for (const rule of rules.toReversed()) {
    const last = runs.at(-1);
    if (last?.[0]?.allow === rule.allow) last.push(rule);
    else runs.push([rule]);
  }
  return runs;
}

/** What a rule can name, in the order in which it is compared. */
type Key = 'type' | 'major' | 'minor';

/** The access register holds what is wanted and not decided yet. */
class Decisions {
  readonly #code: Instruction[] = [];
  #labels = 0;
  /** The kinds of access that may be undecided at this point of the code. */
  #open: Access = ALL;
  /** What comes of a wish that no rule has decided. */
  #end: Label = DENY;

  /** Adds rules of one verdict. */
  add(run: readonly DeviceRule[]): void {
    for (const rule of run.filter(isGlobal)) {
      if (this.#decidesAll(rule)) this.#end = verdict(rule);
      else this.#decide(rule);
      this.#open &= ~rule.access;
    }
    this.#compare(run.filter((rule) => !isGlobal(rule)).toSorted(byNumber), [
      'type',
      'major',
      'minor',
    ]);
  }

  program(): Instruction[] {
    const verdicts = [this.#end, this.#end === DENY ? ALLOW : DENY]
      .filter((name) => name === this.#end || this.#jumpsTo(name))
      .flatMap((name) => [label(name), move(RESULT, name === ALLOW ? 1 : 0), exit]);
    return [...this.#loads(), ...this.#code, ...verdicts];
  }

  /** Compares each value of the first key once, and the other keys of its rules behind that. */
  #compare(rules: readonly DeviceRule[], [key, ...others]: readonly Key[]): void {
    const undecided = rules.filter(({ access }) => (access & this.#open) !== 0);
    if (key === undefined) {
      for (const rule of undecided) this.#decide(rule);
      return;
    }
    for (const [value, group] of grouped(undecided, key)) {
      const [rule, second] = group;
      if (value === undefined) this.#compare(group, others);
      else if (rule && !second && names(rule, others).length === 0 && this.#decidesAll(rule))
        this.#code.push(jump(registers[key], '==', value, verdict(rule)));
      else {
        const next = `next ${this.#labels++}`;
        this.#code.push(jump(registers[key], '!=', value, next));
        this.#compare(group, others);
        this.#code.push(label(next));
      }
    }
  }

  #decidesAll({ access }: DeviceRule): boolean {
    return (this.#open & ~access) === 0;
  }

  /** For a device that the rule is about. */
  #decide({ allow, access }: DeviceRule): void {
    if (allow)
      this.#code.push(and(registers.access, ALL & ~access), jump(registers.access, '==', 0, ALLOW));
    else this.#code.push(jump(registers.access, '&', access, DENY));
  }

  #loads(): Instruction[] {
    return members
      .filter((member) => this.#compares(registers[member]))
      .map((member) => {
        const { width, offset } = context[member];
        return load(registers[member], width, CONTEXT, offset);
      });
  }

  #compares(register: Register): boolean {
    return this.#code.some(({ op, ...rest }) => 'left' in rest && rest.left === register);
  }

  #jumpsTo(name: Label): boolean {
    return this.#code.some((instruction) => 'target' in instruction && instruction.target === name);
  }
}

function verdict({ allow }: DeviceRule): Label {
  return allow ? ALLOW : DENY;
}

function names(rule: DeviceRule, keys: readonly Key[]): Key[] {
  return keys.filter((key) => rule[key] !== undefined);
}

/** What the key's register holds for a device that the rule is about; undefined for any. */
function wanted(rule: DeviceRule, key: Key): number | undefined {
  if (key !== 'type') return rule[key];
  return rule.type && nodeTypes[rule.type];
}

function grouped(rules: readonly DeviceRule[], key: Key): Map<number | undefined, DeviceRule[]> {
  const groups = new Map<number | undefined, DeviceRule[]>();
  for (const rule of rules) {
    const value = wanted(rule, key);
    groups.set(value, [...(groups.get(value) ?? []), rule]);
  }
  return groups;
}

/** Character devices first, since most are, then by number. */
function byNumber(a: DeviceRule, b: DeviceRule): number {
  const rank = ({ type, major = Infinity, minor = Infinity }: DeviceRule) => [
    type === 'c' ? 0 : 1,
    major,
    minor,
  ];
  const [left, right] = [rank(a), rank(b)];
  const index = left.findIndex((number, place) => number !== right[place]);
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}
