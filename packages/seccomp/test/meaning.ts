import { type Seccomp, type SeccompArch, type SeccompArg, toUint64 } from '@oci/spec';
import { architecture, returnValue, syscallNumber } from '../src/index.ts';

/** A call as the profile's rules look at it. */
export interface MeantCall {
  readonly arch: SeccompArch;
  readonly nr: number;
  readonly args: readonly bigint[];
}

interface Condition {
  readonly index: number;
  /** Where it stands among others of one argument: first the kind, then the value. */
  readonly kind: number;
  readonly place: bigint;
  readonly holds: (argument: bigint) => boolean;
}

interface MeantRule {
  readonly value: number;
  readonly conditions: readonly Condition[];
}

const X32 = 0x4000_0000;
const sockets =
  'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg'.split(
    ' ',
  );
const ipc = new Map([
  ...['semop', 'semget', 'semctl', 'semtimedop'].map((name, i) => [name, 1 + i] as const),
  ...['msgsnd', 'msgrcv', 'msgget', 'msgctl'].map((name, i) => [name, 11 + i] as const),
  ...['shmat', 'shmdt', 'shmget', 'shmctl'].map((name, i) => [name, 21 + i] as const),
]);

/**
 * What a profile's filter must return for a call, worked out rule by rule, as slowly as simply:
 * what `compileFilter` is measured by.
 */
export function meaning(profile: Seccomp, native: SeccompArch, call: MeantCall): number {
  const fallback = returnValue(profile.defaultAction, profile.defaultErrnoRet);
  const archs = [native, ...(profile.architectures ?? [])];
  const { audit } = architecture(call.arch);
  const listed = archs.filter((arch) => architecture(arch).audit === audit);
  const kill = returnValue('SCMP_ACT_KILL');
  if (listed.length === 0) return kill;
  const isX32 = audit === architecture('SCMP_ARCH_X32').audit && call.nr >= X32;
  const arch = listed.find((one) =>
    audit === architecture('SCMP_ARCH_X32').audit ? (one === 'SCMP_ARCH_X32') === isX32 : true,
  );
  if (!arch) return call.nr === 0xffff_ffff ? fallback : kill;
  const found = orderedRules(profile, arch, call.nr).find(({ conditions }) =>
    conditions.every(({ index, holds }) => holds(call.args[index] ?? 0n)),
  );
  return found?.value ?? fallback;
}

const remembered = new WeakMap<Seccomp, Map<string, readonly MeantRule[]>>();

/** The rules of a call that can decide; a rule without conditions then stands alone. */
function orderedRules(profile: Seccomp, arch: SeccompArch, nr: number): readonly MeantRule[] {
  const known = remembered.get(profile) ?? new Map<string, readonly MeantRule[]>();
  remembered.set(profile, known);
  const before = known.get(`${arch} ${nr}`);
  if (before) return before;
  const fallback = returnValue(profile.defaultAction, profile.defaultErrnoRet);
  const rules = rulesOf(profile, arch, nr).filter(({ value }) => value !== fallback);
  const always = rules.find(({ conditions }) => conditions.length === 0);
  const ordered = always ? [always] : rules.toSorted((a, b) => order(a.conditions, b.conditions));
  known.set(`${arch} ${nr}`, ordered);
  return ordered;
}

function rulesOf(profile: Seccomp, arch: SeccompArch, nr: number): MeantRule[] {
  const { bits, multiplexed } = architecture(arch);
  const found: MeantRule[] = [];
  for (const { names, action, errnoRet, args = [] } of profile.syscalls ?? []) {
    const value = returnValue(action, errnoRet);
    const repeated = new Set(args.map(({ index }) => index)).size < args.length;
    const alternatives = repeated ? args.map((arg) => [arg]) : [args];
    for (const name of names) {
      const through = sockets.includes(name)
        ? { call: 'socketcall', selector: sockets.indexOf(name) + 1 }
        : { call: 'ipc', selector: ipc.get(name) };
      for (const list of alternatives) {
        const conditions = list
          .map((arg) => condition(arg, bits))
          .filter((one) => one !== undefined)
          .sort((a, b) => a.index - b.index);
        if (syscallNumber(arch, name) === nr) found.push({ value, conditions });
        if (!multiplexed || !through.selector || syscallNumber(arch, through.call) !== nr) continue;
        const selector = condition({ index: 0, op: 'SCMP_CMP_EQ', value: through.selector }, bits);
        const rest = conditions.filter(({ index }) => index > 0);
        found.push({ value, conditions: selector ? [selector, ...rest] : rest });
      }
    }
  }
  return found;
}

function condition(arg: SeccompArg, bits: 32 | 64): Condition | undefined {
  const cut = (value: bigint): bigint => BigInt.asUintN(bits, value);
  const value = cut(toUint64(arg.value));
  const { index } = arg;
  switch (arg.op) {
    case 'SCMP_CMP_EQ':
      return { index, kind: 0, place: -value, holds: (a) => cut(a) === value };
    case 'SCMP_CMP_NE':
      return { index, kind: 0, place: -value, holds: (a) => cut(a) !== value };
    case 'SCMP_CMP_LT':
      return { index, kind: 1, place: value, holds: (a) => cut(a) < value };
    case 'SCMP_CMP_LE':
      return { index, kind: 1, place: value, holds: (a) => cut(a) <= value };
    case 'SCMP_CMP_GT':
      return { index, kind: 2, place: -value, holds: (a) => cut(a) > value };
    case 'SCMP_CMP_GE':
      return { index, kind: 2, place: -value, holds: (a) => cut(a) >= value };
    case 'SCMP_CMP_MASKED_EQ': {
      if (value === 0n) return undefined;
      const expected = cut(toUint64(arg.valueTwo ?? 0)) & value;
      return { index, kind: 0, place: -expected, holds: (a) => (cut(a) & value) === expected };
    }
  }
}

function order(a: readonly Condition[], b: readonly Condition[]): number {
  for (let i = 0; ; i++) {
    const [left, right] = [a[i], b[i]];
    if (!left || !right) return a.length - b.length;
    if (left.index !== right.index) return right.index - left.index;
    if (left.kind !== right.kind) return left.kind - right.kind;
    if (left.place !== right.place) return left.place < right.place ? -1 : 1;
  }
}
