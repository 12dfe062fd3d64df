import { constantSets } from './generated/constant-sets.ts';

/** The names of the generated constant sets: `O`, `RESOLVE`, `MS`, … */
type GeneratedSet = keyof typeof constantSets;

/** Sets that only make sense as a part, or a mix, of the generated ones. */
type DerivedSet = 'AT_ACCESS' | 'P' | 'PR_CAP_AMBIENT' | 'SIGSET';

/** The constant sets that {@link describeFlags} spells values with. */
export type FlagSet = GeneratedSet | DerivedSet;

type Entry = readonly [name: string, value: bigint];

/** Sets whose values are picked, not combined. */
const enumerations: ReadonlySet<string> = new Set<FlagSet>([
  'AF',
  'BPF',
  'BPF_ATTACH',
  'BPF_PROG_TYPE',
  'CAP',
  'CAPABILITY',
  'CC',
  'CLD',
  'CLOCK',
  'F',
  'FSCONFIG',
  'FUTEX',
  'IFA',
  'IFLA',
  'MAGIC',
  'NETLINK',
  'NLMSG',
  'NS',
  'P',
  'PR',
  'PR_CAP_AMBIENT',
  'RLIMIT',
  'RTM',
  'RT_SCOPE',
  'SCM',
  'SECCOMP',
  'SIG',
  'SIG_HOW',
  'TIOC',
]);

/** Bit fields within a set: the bits of a mask hold one of the values, not a combination. */
const fields: ReadonlyMap<string, bigint> = new Map<FlagSet, bigint>([
  ['O', 0x3n],
  ['S', 0o170000n],
  ['SOCK', 0xfn],
  ['MOUNT_ATTR', 0x70n],
]);

const starts =
  (prefix: string) =>
  ([name]: Entry) =>
    name.startsWith(prefix);
const except =
  (...names: readonly string[]) =>
  ([name]: Entry) =>
    !names.includes(name);

let sets: ReadonlyMap<string, readonly Entry[]> | undefined;

/** Every set of the headers, those too that are generated tomorrow. */
function generatedSets(): ReadonlyMap<string, readonly Entry[]> {
  sets ??= new Map(
    Object.entries(constantSets).map(([set, values]) => [
      set,
      Object.entries(values).map(([name, value]): Entry => [name, BigInt(value)]),
    ]),
  );
  return sets;
}

function generated(set: GeneratedSet): readonly Entry[] {
  return generatedSets().get(set) ?? [];
}

/** One value may have two names, by the call it is for, or two sets may meet in one argument. */
const derived: { readonly [Name in FlagSet]?: () => readonly Entry[] } = {
  AT: () => generated('AT').filter(except('AT_FDCWD', 'AT_EACCESS')),
  AT_ACCESS: () => generated('AT').filter(except('AT_FDCWD', 'AT_REMOVEDIR')),
  OPEN_TREE: () => [
    ...generated('OPEN_TREE'),
    ...generated('AT').filter(except('AT_FDCWD', 'AT_EACCESS', 'AT_REMOVEDIR')),
  ],
  W: () => generated('W').filter(starts('W')),
  P: () => generated('W').filter(starts('P_')),
  PR: () => generated('PR').filter((entry) => !starts('PR_CAP_AMBIENT_')(entry)),
  PR_CAP_AMBIENT: () => generated('PR').filter(starts('PR_CAP_AMBIENT_')),
  SIGSET: () => generated('SIG').map(([name, signal]): Entry => [name, 1n << (signal - 1n)]),
};

const known = new Map<string, readonly Entry[]>();

function entries(set: string): readonly Entry[] {
  const before = known.get(set);
  if (before) return before;
  const make = Object.entries(derived).find(([name]) => name === set)?.[1];
  const found = make?.() ?? generatedSets().get(set) ?? [];
  known.set(set, found);
  return found;
}

function bitCount(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

/** Names in the headers' order, as people write them: close-on-exec last. */
function inOrder(all: readonly Entry[], found: ReadonlySet<Entry>): string[] {
  const names = all.filter((entry) => found.has(entry)).map(([name]) => name);
  const last = (name: string) => name.endsWith('CLOEXEC');
  return [...names.filter((name) => !last(name)), ...names.filter(last)];
}

/** The names of all sets that exist: generated, then derived. */
export function flagSets(): readonly string[] {
  return [...new Set([...generatedSets().keys(), ...Object.keys(derived)])];
}

/** Whether the values of a set are picked, not combined. */
export function isEnumeration(set: string): boolean {
  return enumerations.has(set);
}

/** The bits of a set that hold one of its values rather than a combination; 0 without any. */
export function fieldMask(set: string): bigint {
  return fields.get(set) ?? 0n;
}

/**
 * Spells a value with the names of a constant set: `describeFlags('O', 0x280000)` is
 * `O_PATH|O_CLOEXEC`. Bits without a name follow in hexadecimal (in octal for `S`, where they are
 * permissions); no bits at all are `0`. Of an enumeration, such as `RLIMIT`, it is the one name.
 * A set that does not exist names nothing.
 */
export function describeFlags(set: string, value: number | bigint): string {
  const word = BigInt.asUintN(64, BigInt(value));
  const all = entries(set);
  if (enumerations.has(set)) {
    const name = all.find(([, candidate]) => candidate === word)?.[0];
    return name ?? (word === 0n ? '0' : `0x${word.toString(16)}`);
  }
  const found = new Set<Entry>();
  let rest = word;
  const mask = fieldMask(set);
  const field = all.find(([, bits]) => bits !== 0n && bits === (word & mask));
  if (field) {
    found.add(field);
    rest &= ~mask;
  }
  const singles = all.filter(([, bits]) => bits !== 0n && (bits & mask) === 0n);
  const widestFirst = singles.toSorted(([, a], [, b]) => bitCount(b) - bitCount(a));
  for (const entry of widestFirst) {
    if ((rest & entry[1]) !== entry[1]) continue;
    found.add(entry);
    rest &= ~entry[1];
  }
  const parts = inOrder(all, found);
  if (rest !== 0n) parts.push(set === 'S' ? `0${rest.toString(8)}` : `0x${rest.toString(16)}`);
  return parts.join('|') || '0';
}
