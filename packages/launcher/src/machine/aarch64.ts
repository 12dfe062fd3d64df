import { type Cell, syscalls } from '@oci/kernel';
import type { Arithmetic, Label, Operand } from '../instructions.ts';
import type { Layout } from '../layout.ts';
import * as arm from './aarch64-encodings.ts';
import { x0, x1, x2, x8, x28, xzr } from './aarch64-encodings.ts';
import { Encoder, isAddress, isCell, none, type Of } from './encoder.ts';

/**
 * The arm64 back end. x0 is the accumulator, x1 the right operand or an access's base, x28 the
 * cells' base: the kernel preserves every register but x0, for children of clone3 too.
 */
export class ArmEncoder extends Encoder {
  readonly code: arm.ArmCode;

  constructor(layout: Layout) {
    super(layout);
    this.code = new arm.ArmCode(layout.text.address, layout.text.size);
  }

  protected entry(to: Cell): void {
    this.code.movAddress(x28, this.layout.cells.address);
    this.code.word(arm.movFromSp(x0));
    this.#keep(to);
  }

  protected syscall({ call, args, result }: Of<'syscall'>): void {
    // From the last to the first, since x0 may still hold a cell that others need.
    for (let register = args.length - 1; register >= 0; register--) {
      this.#set(register, args[register] ?? 0);
    }
    this.#set(x8, syscalls[call].aarch64);
    this.code.word(arm.svc);
    this.#keep(result);
  }

  protected move({ to, from }: Of<'move'>): void {
    if (this.short(from) === 0) {
      this.#access(arm.str, xzr, to);
      if (this.held === to.index) this.held = none;
    } else {
      this.#set(x0, from);
      this.#keep(to);
    }
  }

  protected arithmetic({ op, to, left, right }: Of<Arithmetic>): void {
    const constant = this.short(right);
    const immediate =
      constant === undefined ? undefined : arm.operateImmediate(op, x0, x0, constant);
    if (immediate !== undefined) {
      this.#set(x0, left);
      this.code.word(immediate);
    } else {
      const n = this.#source(x0, left);
      const m = this.#source(x1, right);
      if (op === 'rem') {
        this.code.word(arm.operate('div', x2, n, m));
        this.code.word(arm.msub(x0, x2, m, n));
      } else {
        this.code.word(arm.operate(op, x0, n, m));
      }
    }
    this.#keep(to);
  }

  protected load({ to, base, offset, width }: Of<'load'>): void {
    this.code.access(arm.ldr, width, x0, x1, this.#setBase(base, offset));
    this.#keep(to);
  }

  protected store({ value, base, offset, width }: Of<'store'>): void {
    const rest = this.#setBase(base, offset);
    this.code.access(arm.str, width, this.#source(x0, value), x1, rest);
  }

  protected jump(label: Label): void {
    this.code.jump(arm.b, label);
  }

  protected branch({ comparison, left, right, label }: Of<'branch'>): void {
    const n = this.#source(x0, left);
    const constant = this.short(right);
    if (constant === 0 && comparison === 'eq') {
      this.code.jump(arm.cbz(n), label);
    } else if (constant === 0 && comparison === 'ne') {
      this.code.jump(arm.cbnz(n), label);
    } else {
      // cmp and cmn with an immediate read register 31 as sp.
      const immediate =
        constant === undefined || n === xzr ? undefined : arm.cmpImmediate(n, constant);
      this.code.word(immediate ?? arm.cmp(n, this.#source(x1, right)));
      this.code.jump(arm.bCond[comparison], label);
    }
  }

  /** The caller keeps its own return address, so that a subroutine may be jumped to as well. */
  protected call(label: Label): void {
    this.code.word(arm.pushLink);
    this.code.jump(arm.bl, label);
    this.code.word(arm.popLink);
  }

  protected return(): void {
    this.code.word(arm.ret);
  }

  /** A register that has the operand: xzr for zero, else the scratch register. */
  #source(scratch: number, operand: Operand): number {
    if (this.short(operand) === 0) return xzr;
    if (isCell(operand) && this.held === operand.index) return x0;
    this.#set(scratch, operand);
    return scratch;
  }

  #set(register: number, operand: Operand): void {
    if (isCell(operand)) {
      if (this.held !== operand.index) this.#access(arm.ldr, register, operand);
      else if (register !== x0) this.code.word(arm.mov(register, x0));
      if (register === x0) this.held = operand.index;
      return;
    }
    const constant = this.short(operand);
    if (isAddress(operand)) this.code.movAddress(register, this.layout.address(operand));
    else if (constant !== undefined) this.code.movConstant(register, constant);
    else this.code.movLarge(register, this.long(operand));
    if (register === x0) this.held = none;
  }

  /** x1 := base; returns the offset from there. An offset from an address is an address. */
  #setBase(base: Operand, offset: number): number {
    if (isAddress(base)) {
      this.code.movAddress(x1, this.layout.address(base, offset));
      return 0;
    }
    this.#set(x1, base);
    return offset;
  }

  /** Stores the accumulator. */
  #keep(cell: Cell): void {
    this.#access(arm.str, x0, cell);
    this.held = cell.index;
  }

  /** Loads or stores a cell. */
  #access(direction: arm.Access, register: number, cell: Cell): void {
    this.code.access(direction, 8, register, x28, this.layout.cellOffset(cell));
  }
}
