import type { SeccompArch } from '@oci/spec';
import { type ArchitectureInfo, architecture } from './architectures.ts';
import { names as allNames, armPrivate, kernelVersion, tables } from './generated/syscalls.ts';

/** The version of Linux that the tables reflect. */
export const syscallsKernel: string = kernelVersion;

const names: readonly string[] = allNames.split(' ');

/** Where each name stands in `names`. Built on first use: most commands need no table at all. */
let positions: Map<string, number> | undefined;

/** The calls of an architecture, before its base is added. */
export interface SyscallTable {
  /** By `syscallPosition`: the number, or -1 where there is no such call. */
  readonly numbers: Int32Array;
  /** The positions of those that there are, in the order of their numbers. */
  readonly order: Uint16Array;
}

const unpacked = new Map<ArchitectureInfo['table'], SyscallTable>();

/** Per table, the name's position by number. */
const positionsOf = new Map<ArchitectureInfo['table'], Map<number, number>>();

/** @returns where the name stands among all architectures' names, or `undefined` if none has it. */
export function syscallPosition(name: string): number | undefined {
  positions ??= new Map(names.map((known, position) => [known, position]));
  return positions.get(name);
}

export function syscallTable(table: ArchitectureInfo['table']): SyscallTable {
  let known = unpacked.get(table);
  if (!known) {
    const numbers = unpack(tables[table]);
    if (table === 'arm')
      for (const [name, number] of Object.entries(armPrivate))
        numbers[names.indexOf(name)] = number;
    const numberAt = (position: number): number => numbers[position] ?? -1;
    const order = Uint16Array.from(names.keys())
      .filter((position) => numberAt(position) >= 0)
      .sort((a, b) => numberAt(a) - numberAt(b));
    known = { numbers, order };
    unpacked.set(table, known);
  }
  return known;
}

/** Two digits of base 64 each, one more than the number (`generated/syscalls.ts`). */
function unpack(packed: string): Int32Array {
  const numbers = new Int32Array(names.length);
  for (let i = 0; i < numbers.length; i++)
    numbers[i] = digit(packed.charCodeAt(2 * i)) * 64 + digit(packed.charCodeAt(2 * i + 1)) - 1;
  return numbers;
}

/** A-Z, a-z, 0-9, -, _. */
function digit(code: number): number {
  if (code >= 97) return code - 97 + 26;
  if (code === 95) return 63;
  if (code >= 65) return code - 65;
  return code === 45 ? 62 : code - 48 + 52;
}

/**
 * The number of a system call as `seccomp_data.nr` shows it: x32's have bit 30, ARM's private calls
 * are included.
 */
export function syscallNumber(arch: SeccompArch, name: string): number | undefined {
  const position = syscallPosition(name);
  if (position === undefined) return undefined;
  const { table, base } = architecture(arch);
  const number = syscallTable(table).numbers[position] ?? -1;
  return number < 0 ? undefined : number + base;
}

/** The name of a system call by its number in `seccomp_data.nr`. */
export function syscallName(arch: SeccompArch, number: number): string | undefined {
  return names[positionOfNumber(arch, number) ?? -1];
}

/** @returns the `syscallPosition` of the call that has a number */
export function positionOfNumber(arch: SeccompArch, number: number): number | undefined {
  const { table, base } = architecture(arch);
  let byNumber = positionsOf.get(table);
  if (!byNumber) {
    const { numbers, order } = syscallTable(table);
    byNumber = new Map(Array.from(order, (position) => [numbers[position] ?? -1, position]));
    positionsOf.set(table, byNumber);
  }
  return byNumber.get(number - base);
}

/** Whether any architecture has a call of this name. */
export function isSyscallName(name: string): boolean {
  return syscallPosition(name) !== undefined;
}

/** The names of an architecture's calls, in alphabetical order. */
export function syscallNames(arch: SeccompArch): string[] {
  const { numbers } = syscallTable(architecture(arch).table);
  return names.filter((_, position) => (numbers[position] ?? -1) >= 0);
}
