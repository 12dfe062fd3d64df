import type { Cell } from '@oci/kernel';
import type { Address, Arithmetic, Instruction, Label, Operand } from '../instructions.ts';
import type { Layout } from '../layout.ts';
import type { Code } from './code.ts';

/** The instructions with one of these names. */
export type Of<Op extends Instruction['op']> = Extract<Instruction, { readonly op: Op }>;

/** No cell has this index. */
export const none = -1;

/**
 * Turns portable instructions into machine code. There is no register allocation: operands are
 * loaded into fixed scratch registers, and results go back to their cells. All that is remembered
 * is which cell the accumulator still equals, to spare the load that mostly follows a store.
 *
 * So a branch right after a system call on its result reads the register, not the cell: after a
 * clone3 with CLONE_VM both tasks store to the cell, but each branches on what it was told.
 */
export abstract class Encoder {
  abstract readonly code: Code;
  protected readonly layout: Layout;
  /** The index of the cell that the accumulator equals. */
  protected held = none;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  encode(instruction: Instruction): void {
    switch (instruction.op) {
      case 'label':
        // Others jump here, with whatever in the accumulator.
        this.held = none;
        this.code.place(instruction.label);
        break;
      case 'branch':
        this.branch(instruction);
        break;
      case 'move':
        this.move(instruction);
        break;
      case 'jump':
        this.jump(instruction.label);
        break;
      case 'syscall':
        if (instruction.args.length > 6) {
          throw new RangeError(`${instruction.call} has more than six arguments`);
        }
        this.syscall(instruction);
        break;
      case 'load':
        this.load(instruction);
        break;
      case 'store':
        this.store(instruction);
        break;
      case 'call':
        this.call(instruction.label);
        this.held = none;
        break;
      case 'return':
        this.return();
        break;
      case 'entry':
        if (this.code.here !== this.code.address) throw new Error('A program has one entry');
        this.entry(instruction.to);
        break;
      default:
        this.arithmetic(instruction);
    }
  }

  protected abstract syscall(instruction: Of<'syscall'>): void;
  protected abstract move(instruction: Of<'move'>): void;
  protected abstract arithmetic(instruction: Of<Arithmetic>): void;
  protected abstract load(instruction: Of<'load'>): void;
  protected abstract store(instruction: Of<'store'>): void;
  protected abstract jump(label: Label): void;
  protected abstract branch(instruction: Of<'branch'>): void;
  protected abstract call(label: Label): void;
  protected abstract return(): void;
  protected abstract entry(to: Cell): void;

  /** A constant that is one of 32 bits, sign-extended: almost all are, and all addresses. */
  protected short(operand: Operand): number | undefined {
    if (typeof operand === 'number' && (operand | 0) === operand) return operand;
    if (typeof operand === 'object') {
      return 'section' in operand ? this.layout.address(operand) : undefined;
    }
    const value = BigInt.asIntN(64, BigInt(operand));
    return value === BigInt.asIntN(32, value) ? Number(value) : undefined;
  }

  /** Any constant, as an unsigned word. */
  protected long(operand: number | bigint | Address): bigint {
    const value = typeof operand === 'object' ? this.layout.address(operand) : operand;
    return BigInt.asUintN(64, BigInt(value));
  }
}

// `in` is cheaper than instanceof in code that V8 interprets.
export const isCell = (operand: Operand): operand is Cell =>
  typeof operand === 'object' && 'index' in operand;
export const isAddress = (operand: Operand): operand is Address =>
  typeof operand === 'object' && 'section' in operand;
