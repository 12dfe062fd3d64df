import { Cell, syscalls } from '@oci/kernel';
import type { Arithmetic, Label, Operand } from '../instructions.ts';
import { Encoder, type Of } from './encoder.ts';
import * as x86 from './x86_64-encodings.ts';
import { rax, rbx, rcx, rdx } from './x86_64-encodings.ts';

/** Where system calls take their arguments: syscall(2). */
const argumentRegisters = [x86.rdi, x86.rsi, rdx, x86.r10, x86.r8, x86.r9];

/** rbx points this far into the cells, so that 8-bit displacements reach 32 of them. */
const bias = 128;

/**
 * The x86-64 back end. rax is the accumulator, rcx the other scratch register, rbx the cells' base:
 * the kernel preserves it, for children of clone3 too.
 */
export class X86Encoder extends Encoder {
  protected entry(to: Cell): void {
    this.emit(x86.movConstant(rbx, BigInt(this.layout.cells.address + bias)));
    this.emit(x86.movStore(this.#cell(to), x86.rsp));
  }

  protected syscall({ call, args, result }: Of<'syscall'>): void {
    args.forEach((arg, at) => {
      const register = argumentRegisters[at];
      if (register !== undefined) this.#set(register, arg);
    });
    this.#set(rax, syscalls[call].x86_64);
    this.emit(x86.syscall);
    this.#keep(result);
  }

  protected move({ to, from }: Of<'move'>): void {
    this.#set(rax, from);
    this.#keep(to);
  }

  protected arithmetic({ op, to, left, right }: Of<Arithmetic>): void {
    this.#set(rax, left);
    switch (op) {
      case 'add':
      case 'sub':
      case 'and':
      case 'or':
        this.#operate(op, right);
        break;
      case 'mul':
        this.emit(x86.imul(rax, this.#source(right)));
        break;
      case 'div':
      case 'rem': {
        const divisor = this.#source(right);
        this.#set(rdx, 0);
        this.emit(x86.div(divisor));
        if (op === 'rem') this.emit(x86.movRegister(rax, rdx));
        break;
      }
      case 'shl':
      case 'shr':
        this.#shift(op, right);
    }
    this.#keep(to);
  }

  protected load({ to, base, offset, width }: Of<'load'>): void {
    this.#set(rcx, base);
    this.emit(x86.loads[width](rax, { base: rcx, displacement: offset }));
    this.#keep(to);
  }

  protected store({ value, base, offset, width }: Of<'store'>): void {
    this.#set(rcx, base);
    this.#set(rax, value);
    this.emit(x86.stores[width]({ base: rcx, displacement: offset }, rax));
  }

  protected jump(label: Label): void {
    this.reach(label, x86.jmp);
  }

  protected branch({ comparison, left, right, label }: Of<'branch'>): void {
    const immediate = this.#immediate(right);
    if (left instanceof Cell && !this.holds(left) && immediate !== undefined) {
      this.emit(x86.operateImmediate('cmp', this.#cell(left), immediate));
    } else {
      this.#set(rax, left);
      if (immediate === 0) this.emit(x86.test(rax));
      else this.#operate('cmp', right);
    }
    this.reach(label, x86.jcc[comparison]);
  }

  protected call(label: Label): void {
    this.reach(label, x86.call);
  }

  protected return(): void {
    this.emit(x86.ret);
  }

  /** rax := rax op right, or the flags of it. */
  #operate(op: keyof typeof x86.group, right: Operand): void {
    const immediate = this.#immediate(right);
    this.emit(
      immediate === undefined
        ? x86.operate(op, rax, this.#source(right))
        : x86.operateImmediate(op, rax, immediate),
    );
  }

  #shift(op: 'shl' | 'shr', right: Operand): void {
    const count = this.layout.resolve(right);
    if (count instanceof Cell) {
      this.#set(rcx, count);
      this.emit(x86.shift(op, rax));
    } else {
      this.emit(x86.shiftImmediate(op, rax, Number(count % 64n)));
    }
  }

  /** An operand where an instruction can read it: cells in memory, constants by way of rcx. */
  #source(operand: Operand): number | x86.Memory {
    if (operand instanceof Cell) return this.#cell(operand);
    this.#set(rcx, operand);
    return rcx;
  }

  #immediate(operand: Operand): number | undefined {
    const value = this.layout.resolve(operand);
    return value instanceof Cell ? undefined : x86.immediate32(value);
  }

  #set(register: number, operand: Operand): void {
    const value = this.layout.resolve(operand);
    if (!(value instanceof Cell)) {
      this.emit(x86.movConstant(register, value));
    } else if (!this.holds(value)) {
      this.emit(x86.movLoad(register, this.#cell(value)));
    } else if (register !== rax) {
      this.emit(x86.movRegister(register, rax));
    }
    if (register !== rax) return;
    if (value instanceof Cell) this.hold(value);
    else this.holdNothing();
  }

  /** Stores the accumulator. */
  #keep(cell: Cell): void {
    this.emit(x86.movStore(this.#cell(cell), rax));
    this.hold(cell);
  }

  #cell(cell: Cell): x86.Memory {
    const { layout } = this;
    return { base: rbx, displacement: layout.cell(cell) - layout.cells.address - bias };
  }
}
