import { type Cell, syscalls } from '@oci/kernel';
import type { Arithmetic, Label, Operand } from '../instructions.ts';
import type { Layout } from '../layout.ts';
import { Encoder, isAddress, isCell, none, type Of } from './encoder.ts';
import {
  type Operation,
  r8,
  r9,
  r10,
  rax,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  X86Code,
} from './x86_64-encodings.ts';

/** Where system calls take their arguments: syscall(2). */
const argumentRegisters = [rdi, rsi, rdx, r10, r8, r9] as const;

/** rbx points this far behind the near cells' start: 8-bit displacements reach 32 of them. */
const bias = 128;

/**
 * The x86-64 back end. rax is the accumulator, rcx the other scratch register, rbx the cells' base:
 * the kernel preserves it, for children of clone3 too.
 */
export class X86Encoder extends Encoder {
  readonly code: X86Code;
  readonly #base: number;

  constructor(layout: Layout) {
    super(layout);
    this.#base = layout.nearCells + bias;
    this.code = new X86Code(layout.text.address, layout.text.size);
  }

  protected entry(to: Cell): void {
    this.code.movConstant(rbx, this.layout.cells.address + this.#base);
    this.code.movStore(rbx, this.#displacement(to), rsp);
  }

  protected syscall({ call, args, result }: Of<'syscall'>): void {
    for (let at = 0; at < args.length; at++) {
      this.#set(argumentRegisters[at] ?? rdi, args[at] ?? 0);
    }
    this.#set(rax, syscalls[call].x86_64);
    this.code.syscall();
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
        this.#set(rcx, right);
        this.code.imul(rax, rcx);
        break;
      case 'div':
      case 'rem':
        this.#set(rcx, right);
        this.code.movConstant(rdx, 0);
        this.code.div(rcx);
        if (op === 'rem') this.code.mov(rax, rdx);
        break;
      case 'shl':
      case 'shr':
        this.#shift(op, right);
    }
    this.#keep(to);
  }

  protected load({ to, base, offset, width }: Of<'load'>): void {
    this.code.load(width, rax, rcx, this.#setBase(base, offset));
    this.#keep(to);
  }

  protected store({ value, base, offset, width }: Of<'store'>): void {
    const displacement = this.#setBase(base, offset);
    this.#set(rax, value);
    this.code.store(width, rcx, displacement, rax);
  }

  protected jump(label: Label): void {
    this.code.jmp(label);
  }

  protected branch({ comparison, left, right, label }: Of<'branch'>): void {
    const immediate = this.short(right);
    if (immediate !== undefined && isCell(left) && this.held !== left.index) {
      this.code.cmpMemory(rbx, this.#displacement(left), immediate);
    } else {
      this.#set(rax, left);
      if (immediate === 0) this.code.test(rax);
      else this.#operate('cmp', right);
    }
    this.code.jcc(comparison, label);
  }

  protected call(label: Label): void {
    this.code.call(label);
  }

  protected return(): void {
    this.code.ret();
  }

  /** rax := rax op right, or the flags of it. */
  #operate(op: Operation, right: Operand): void {
    const immediate = this.short(right);
    if (immediate !== undefined) {
      this.code.operateImmediate(op, rax, immediate);
    } else if (isCell(right)) {
      this.code.operateLoad(op, rax, rbx, this.#displacement(right));
    } else {
      this.#set(rcx, right);
      this.code.operate(op, rax, rcx);
    }
  }

  #shift(op: 'shl' | 'shr', right: Operand): void {
    const count = this.short(right);
    if (count !== undefined) {
      this.code.shiftImmediate(op, rax, count & 63);
    } else {
      this.#set(rcx, right);
      this.code.shift(op, rax);
    }
  }

  #set(register: number, operand: Operand): void {
    if (isCell(operand)) {
      const held = this.held === operand.index;
      if (!held) this.code.movLoad(register, rbx, this.#displacement(operand));
      else if (register !== rax) this.code.mov(register, rax);
      if (register === rax) this.held = operand.index;
      return;
    }
    const constant = this.short(operand);
    if (constant !== undefined) this.code.movConstant(register, constant);
    else this.code.movLarge(register, this.long(operand));
    if (register === rax) this.held = none;
  }

  /** rcx := base; returns the displacement from there. An offset from an address is an address. */
  #setBase(base: Operand, offset: number): number {
    if (!isAddress(base)) {
      this.#set(rcx, base);
      return offset;
    }
    this.code.movConstant(rcx, this.layout.address(base, offset));
    return 0;
  }

  /** Stores the accumulator. */
  #keep(cell: Cell): void {
    this.code.movStore(rbx, this.#displacement(cell), rax);
    this.held = cell.index;
  }

  #displacement(cell: Cell): number {
    return this.layout.cellOffset(cell) - this.#base;
  }
}
