import { Cell, syscalls } from '@oci/kernel';
import type { Arithmetic, Label, Operand } from '../instructions.ts';
import * as arm from './aarch64-encodings.ts';
import { x0, x1, x2, x8, x28, xzr } from './aarch64-encodings.ts';
import { Encoder, type Of } from './encoder.ts';

/**
 * The arm64 back end. x0 is the accumulator, x1 the right operand or an access's base, x28 the
 * cells' base: the kernel preserves every register but x0, for children of clone3 too.
 */
export class ArmEncoder extends Encoder {
  protected entry(to: Cell): void {
    this.#address(x28, this.layout.cells.address);
    this.emit(arm.movFromSp(x0));
    this.#keep(to);
  }

  protected syscall({ call, args, result }: Of<'syscall'>): void {
    // From the last to the first, since x0 may still hold a cell that others need.
    for (const [register, arg] of [...args.entries()].reverse()) this.#set(register, arg);
    this.#set(x8, syscalls[call].aarch64);
    this.emit(arm.svc);
    this.#keep(result);
  }

  protected move({ to, from }: Of<'move'>): void {
    if (this.layout.resolve(from) === 0n) {
      this.emit(arm.str(8, xzr, ...this.#place(to)));
      if (this.holds(to)) this.holdNothing();
    } else {
      this.#set(x0, from);
      this.#keep(to);
    }
  }

  protected arithmetic({ op, to, left, right }: Of<Arithmetic>): void {
    const constant = this.layout.resolve(right);
    const short = typeof constant === 'bigint' && arm.operateImmediate(op, x0, x0, constant);
    if (short) {
      this.#set(x0, left);
      this.emit(short);
    } else {
      const n = this.#source(x0, left);
      const m = this.#source(x1, right);
      if (op === 'rem') {
        this.emit(arm.operate.div(x2, n, m));
        this.emit(arm.msub(x0, x2, m, n));
      } else {
        this.emit(arm.operate[op](x0, n, m));
      }
    }
    this.#keep(to);
  }

  protected load({ to, base, offset, width }: Of<'load'>): void {
    this.#set(x1, base);
    this.emit(arm.ldr(width, x0, x1, offset));
    this.#keep(to);
  }

  protected store({ value, base, offset, width }: Of<'store'>): void {
    this.#set(x1, base);
    this.emit(arm.str(width, this.#source(x0, value), x1, offset));
  }

  protected jump(label: Label): void {
    this.reach(label, arm.b);
  }

  protected branch({ comparison, left, right, label }: Of<'branch'>): void {
    const n = this.#source(x0, left);
    const constant = this.layout.resolve(right);
    if (constant === 0n && (comparison === 'eq' || comparison === 'ne')) {
      this.reach(label, arm.cb(comparison, n));
    } else if (constant === 0n && (comparison === 'lt' || comparison === 'ge')) {
      this.reach(label, arm.tb(comparison, n));
    } else {
      // cmp and cmn with an immediate read register 31 as sp.
      const short = typeof constant === 'bigint' && n !== xzr && arm.cmpSmall(n, constant);
      this.emit(short || arm.cmp(n, this.#source(x1, right)));
      this.reach(label, arm.bCond[comparison]);
    }
  }

  /** The caller keeps its own return address, so that a subroutine may be jumped to as well. */
  protected call(label: Label): void {
    this.emit(arm.pushLink);
    this.reach(label, arm.bl);
    this.emit(arm.popLink);
  }

  protected return(): void {
    this.emit(arm.ret);
  }

  /** A register that has the operand: xzr for zero, else the scratch register. */
  #source(scratch: number, operand: Operand): number {
    const value = this.layout.resolve(operand);
    if (value === 0n) return xzr;
    if (value instanceof Cell && this.holds(value)) return x0;
    this.#set(scratch, operand);
    return scratch;
  }

  #set(register: number, operand: Operand): void {
    if (typeof operand === 'object' && 'section' in operand) {
      this.#address(register, this.layout.address(operand));
    } else {
      const value = this.layout.resolve(operand);
      if (!(value instanceof Cell)) {
        this.emit(arm.movConstant(register, value));
      } else if (!this.holds(value)) {
        this.emit(arm.ldr(8, register, ...this.#place(value)));
      } else if (register !== x0) {
        this.emit(arm.mov(register, x0));
      }
    }
    if (register !== x0) return;
    if (operand instanceof Cell) this.hold(operand);
    else this.holdNothing();
  }

  /** Stores the accumulator. */
  #keep(cell: Cell): void {
    this.emit(arm.str(8, x0, ...this.#place(cell)));
    this.hold(cell);
  }

  #place(cell: Cell): [base: number, offset: number] {
    return [x28, this.layout.cell(cell) - this.layout.cells.address];
  }

  #address(register: number, address: number): void {
    this.reach(address, arm.addressForms(register, address));
  }
}
