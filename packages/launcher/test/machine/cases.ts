import type { Instruction, Label } from '../../src/instructions.ts';
import { cell } from './tools.ts';

const [a, b, c] = [cell(0), cell(1), cell(2)];
/** Past what 8-bit displacements reach on x86-64. */
const far = cell(40);
/** Past what scaled immediates reach on arm64. */
const beyond = cell(5000);
const constant = (offset: number) => ({ section: 'constants', offset }) as const;
const data = (offset: number) => ({ section: 'data', offset }) as const;

/** Placed before all cases. */
export const near: Label = { name: 'near' };

/** Each kind of instruction with each kind of operand; both back ends are tested on all of them. */
export const cases = {
  'syscall without arguments': [{ op: 'syscall', call: 'getpid', args: [], result: a }],
  'syscall with every register': [
    { op: 'syscall', call: 'openat2', args: [a, b, c, a, b, far], result: c },
  ],
  'syscall with constants': [
    {
      op: 'syscall',
      call: 'close',
      args: [0, 1, -1, 0x7fff_ffff_ffffn, 0xffff_ffffn, 70_000],
      result: a,
    },
  ],
  'syscall with addresses': [
    { op: 'syscall', call: 'write', args: [1, constant(3), data(8), data(100)], result: a },
  ],
  'syscall with the last result': [
    { op: 'syscall', call: 'read', args: [1, 2], result: a },
    { op: 'syscall', call: 'close', args: [a, a], result: b },
  ],
  'move zero': [{ op: 'move', to: a, from: 0 }],
  'move one': [{ op: 'move', to: a, from: 1 }],
  'move 16 bits, shifted': [{ op: 'move', to: a, from: 0xabcd_0000 }],
  'move 32 bits': [{ op: 'move', to: a, from: 0x8765_4321 }],
  'move a negative': [{ op: 'move', to: a, from: -100 }],
  'move -1': [{ op: 'move', to: a, from: -1 }],
  'move a large negative': [{ op: 'move', to: a, from: -0x1234_5678_9abcn }],
  'move 64 bits': [{ op: 'move', to: a, from: 0x1234_5678_9abc_def0n }],
  'move a cell': [{ op: 'move', to: a, from: b }],
  'move far cells': [{ op: 'move', to: beyond, from: far }],
  'move an address': [{ op: 'move', to: a, from: data(0) }],
  'move zero over the accumulator': [
    { op: 'move', to: a, from: b },
    { op: 'move', to: a, from: 0 },
    { op: 'move', to: c, from: a },
  ],
  'add cells': [{ op: 'add', to: a, left: b, right: c }],
  'add a small constant': [{ op: 'add', to: a, left: b, right: 8 }],
  'add a negative constant': [{ op: 'add', to: a, left: b, right: -8 }],
  'add 32 bits': [{ op: 'add', to: a, left: b, right: 0x12345 }],
  'add 64 bits': [{ op: 'add', to: a, left: b, right: 0x1_0000_0001n }],
  'add an address': [{ op: 'add', to: a, left: b, right: data(16) }],
  'add to a constant': [{ op: 'add', to: a, left: 5, right: b }],
  'add the same cell, held': [
    { op: 'move', to: a, from: 7 },
    { op: 'add', to: b, left: a, right: a },
  ],
  'sub cells': [{ op: 'sub', to: a, left: b, right: c }],
  'sub a constant': [{ op: 'sub', to: a, left: b, right: 1 }],
  'sub from zero': [{ op: 'sub', to: a, left: 0, right: b }],
  'mul cells': [{ op: 'mul', to: a, left: b, right: c }],
  'mul a constant': [{ op: 'mul', to: a, left: b, right: 10 }],
  'div cells': [{ op: 'div', to: a, left: b, right: c }],
  'div a constant': [{ op: 'div', to: a, left: b, right: 10 }],
  'rem cells': [{ op: 'rem', to: a, left: b, right: c }],
  'rem a constant': [{ op: 'rem', to: a, left: b, right: 10 }],
  'and cells': [{ op: 'and', to: a, left: b, right: c }],
  'and a constant': [{ op: 'and', to: a, left: b, right: 0x7f }],
  'or cells': [{ op: 'or', to: a, left: b, right: c }],
  'or a constant': [{ op: 'or', to: a, left: b, right: 0x100 }],
  'shl cells': [{ op: 'shl', to: a, left: b, right: c }],
  'shl a constant': [{ op: 'shl', to: a, left: b, right: 65 }],
  'shl nothing': [{ op: 'shl', to: a, left: b, right: 64 }],
  'shr cells': [{ op: 'shr', to: a, left: b, right: c }],
  'shr a constant': [{ op: 'shr', to: a, left: b, right: 8 }],
  'load 1': [{ op: 'load', to: a, base: b, offset: 0, width: 1 }],
  'load 2': [{ op: 'load', to: a, base: b, offset: 2, width: 2 }],
  'load 4': [{ op: 'load', to: a, base: b, offset: 4, width: 4 }],
  'load 8': [{ op: 'load', to: a, base: b, offset: 8, width: 8 }],
  'load unaligned': [{ op: 'load', to: a, base: b, offset: 3, width: 8 }],
  'load below': [{ op: 'load', to: a, base: b, offset: -8, width: 8 }],
  'load a little far': [{ op: 'load', to: a, base: b, offset: 1024, width: 1 }],
  'load far': [{ op: 'load', to: a, base: b, offset: 40_000, width: 8 }],
  'load from an address': [{ op: 'load', to: a, base: data(8), offset: 4, width: 4 }],
  'store 1': [{ op: 'store', value: a, base: b, offset: 1, width: 1 }],
  'store 2': [{ op: 'store', value: a, base: b, offset: 0, width: 2 }],
  'store 4': [{ op: 'store', value: a, base: b, offset: 4, width: 4 }],
  'store 8': [{ op: 'store', value: a, base: b, offset: 256, width: 8 }],
  'store unaligned': [{ op: 'store', value: a, base: b, offset: 1, width: 8 }],
  'store below': [{ op: 'store', value: a, base: b, offset: -2, width: 2 }],
  'store far': [{ op: 'store', value: a, base: b, offset: -40_000, width: 8 }],
  'store zero': [{ op: 'store', value: 0, base: b, offset: 0, width: 4 }],
  'store at an address': [{ op: 'store', value: 10, base: data(0), offset: 4, width: 1 }],
  'store the accumulator': [
    { op: 'load', to: a, base: b, offset: 0, width: 8 },
    { op: 'store', value: a, base: a, offset: 0, width: 8 },
    { op: 'move', to: c, from: a },
  ],
  jump: [{ op: 'jump', label: near }],
  'branch eq, cells': [{ op: 'branch', comparison: 'eq', left: a, right: b, label: near }],
  'branch eq, zero': [{ op: 'branch', comparison: 'eq', left: a, right: 0, label: near }],
  'branch ne, zero': [{ op: 'branch', comparison: 'ne', left: a, right: 0, label: near }],
  'branch lt, zero': [{ op: 'branch', comparison: 'lt', left: a, right: 0, label: near }],
  'branch ge, zero': [{ op: 'branch', comparison: 'ge', left: a, right: 0, label: near }],
  'branch le, zero': [{ op: 'branch', comparison: 'le', left: a, right: 0, label: near }],
  'branch gt, small': [{ op: 'branch', comparison: 'gt', left: a, right: 3, label: near }],
  'branch eq, negative': [{ op: 'branch', comparison: 'eq', left: a, right: -17, label: near }],
  'branch ne, 32 bits': [{ op: 'branch', comparison: 'ne', left: a, right: 0x12345, label: near }],
  'branch below, 64 bits': [
    { op: 'branch', comparison: 'below', left: a, right: 1n << 40n, label: near },
  ],
  'branch aboveOrEqual, negative': [
    { op: 'branch', comparison: 'aboveOrEqual', left: a, right: -4095, label: near },
  ],
  'branch lt, constant on the left': [
    { op: 'branch', comparison: 'lt', left: 0, right: a, label: near },
  ],
  'branch on the accumulator': [
    { op: 'syscall', call: 'getpid', args: [], result: a },
    { op: 'branch', comparison: 'lt', left: a, right: 0, label: near },
    { op: 'branch', comparison: 'gt', left: a, right: 9, label: near },
  ],
  'call forgets the accumulator': [
    { op: 'move', to: a, from: b },
    { op: 'call', label: near },
    { op: 'move', to: c, from: a },
  ],
  return: [{ op: 'return' }],
} as const satisfies Record<string, readonly Instruction[]>;

/** What a disassembler shows of the entry and of each case, instructions joined by `; `. */
export type Golden = Record<'entry' | keyof typeof cases, string>;
