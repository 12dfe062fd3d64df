import type { Cell } from '@oci/kernel';
import type { Arithmetic, Instruction, Label, Operand } from '../instructions.ts';
import type { Layout } from '../layout.ts';
import { type Form, Linker } from './linker.ts';

/** The instructions with one of these names. */
export type Of<Op extends Instruction['op']> = Extract<Instruction, { readonly op: Op }>;

/**
 * Turns portable instructions into machine code. There is no register allocation: operands are
 * loaded into fixed scratch registers, and results go back to their cells. All that is remembered
 * is which cell the accumulator still equals, to spare the load that mostly follows a store.
 */
export abstract class Encoder {
  readonly linker = new Linker();
  protected readonly layout: Layout;
  #held: number | undefined;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  encode(instruction: Instruction): void {
    switch (instruction.op) {
      case 'syscall':
        if (instruction.args.length > 6) {
          throw new RangeError(`${instruction.call} has more than six arguments`);
        }
        this.syscall(instruction);
        break;
      case 'move':
        this.move(instruction);
        break;
      case 'load':
        this.load({ ...instruction, ...fold(instruction) });
        break;
      case 'store':
        this.store({ ...instruction, ...fold(instruction) });
        break;
      case 'label':
        // Others jump here, with whatever in the accumulator.
        this.holdNothing();
        this.linker.label(instruction.label);
        break;
      case 'jump':
        this.jump(instruction.label);
        break;
      case 'branch':
        this.branch(instruction);
        break;
      case 'call':
        this.call(instruction.label);
        this.holdNothing();
        break;
      case 'return':
        this.return();
        break;
      case 'entry':
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

  protected emit(code: readonly number[]): void {
    this.linker.code(code);
  }

  protected reach(target: Label | number, forms: readonly Form[]): void {
    this.linker.reach(target, forms);
  }

  /** The accumulator now equals this cell, and no other. */
  protected hold(cell: Cell): void {
    this.#held = cell.index;
  }

  protected holdNothing(): void {
    this.#held = undefined;
  }

  protected holds(cell: Cell): boolean {
    return this.#held === cell.index;
  }
}

/** An offset from an address is an address. */
function fold({ base, offset }: { base: Operand; offset: number }) {
  return typeof base === 'object' && 'section' in base
    ? { base: { ...base, offset: base.offset + offset }, offset: 0 }
    : { base, offset };
}
