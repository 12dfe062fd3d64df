/**
 * The arm64 instructions that launchers are made of, named as in the Arm Architecture Reference
 * Manual, chapter C6. `xN` are 64-bit registers; register 31 is xzr or sp, as the instruction says.
 * Every instruction is one 32-bit word.
 */
import type { Arithmetic, Comparison, Label } from '../instructions.ts';
import { Code, fitsSigned } from './code.ts';

export const x0 = 0;
export const x1 = 1;
export const x2 = 2;
export const x8 = 8;
// Scratch registers of the procedure call standard: nothing lives in them.
const x16 = 16;
const x17 = 17;
export const x28 = 28;
export const xzr = 31;

type Width = 1 | 2 | 4 | 8;

/** The data-processing form with three registers: Rm 20:16, Rn 9:5, Rd 4:0. */
const three = (opcode: number, d: number, n: number, m: number): number =>
  opcode | (m << 16) | (n << 5) | d;

const operations = {
  add: 0x8b00_0000,
  sub: 0xcb00_0000,
  mul: 0x9b00_0000 | (xzr << 10), // madd with xzr
  div: 0x9ac0_0800, // udiv
  and: 0x8a00_0000,
  or: 0xaa00_0000, // orr
  // The machine takes counts modulo 64.
  shl: 0x9ac0_2000, // lslv
  shr: 0x9ac0_2400, // lsrv
};

/** add, sub, mul, udiv, and, orr, lslv, lsrv xD, xN, xM */
export const operate = (op: keyof typeof operations, d: number, n: number, m: number): number =>
  three(operations[op], d, n, m);
/** msub xD, xN, xM, xA: A - N * M */
export const msub = (d: number, n: number, m: number, a: number): number =>
  three(0x9b00_8000 | (a << 10), d, n, m);
/** cmp xN, xM: subs with xzr */
export const cmp = (n: number, m: number): number => three(0xeb00_0000, xzr, n, m);
/** mov xD, xM: orr with xzr */
export const mov = (d: number, m: number): number => operate('or', d, xzr, m);

/** The form with a 12-bit unsigned immediate. */
const immediate = (opcode: number, d: number, n: number, value: number): number =>
  opcode | (value << 10) | (n << 5) | d;

/** add, sub xD, xN, #imm12; cmp, cmn xN, #imm12: subs, adds with xzr */
const addImmediate = 0x9100_0000;
const subImmediate = 0xd100_0000;
const subsImmediate = 0xf100_0000;
const addsImmediate = 0xb100_0000;

const fits12 = (value: number): boolean => value >= 0 && value < 4096;

/** Compares xN with a value, if one instruction can: cmp or cmn */
export function cmpImmediate(n: number, value: number): number | undefined {
  if (fits12(value)) return immediate(subsImmediate, xzr, n, value);
  return fits12(-value) ? immediate(addsImmediate, xzr, n, -value) : undefined;
}

/** mov xD, sp: add xD, sp, #0 */
export const movFromSp = (d: number): number => immediate(addImmediate, d, 31, 0);

/** ubfm xD, xN, #immr, #imms */
const ubfm = (d: number, n: number, immr: number, imms: number): number =>
  0xd340_0000 | (immr << 16) | (imms << 10) | (n << 5) | d;

/** xD := xN op value, if one instruction can: add, sub, lsl or lsr with an immediate */
export function operateImmediate(
  op: Arithmetic,
  d: number,
  n: number,
  value: number,
): number | undefined {
  if (op === 'add' || op === 'sub') {
    const sum = op === 'add' ? value : -value;
    if (fits12(sum)) return immediate(addImmediate, d, n, sum);
    return fits12(-sum) ? immediate(subImmediate, d, n, -sum) : undefined;
  }
  const count = value & 63;
  if (op === 'shl') return ubfm(d, n, (64 - count) % 64, 63 - count);
  return op === 'shr' ? ubfm(d, n, count, 63) : undefined;
}

const movz = 0xd280_0000;
const movn = 0x9280_0000;
const movk = 0xf280_0000;

const widths = { 1: 0, 2: 1, 4: 2, 8: 3 };

/** An access with an offset in units of the width, 12 bits unsigned; else in bytes, 9 bits signed. */
export interface Access {
  readonly scaled: number;
  readonly unscaled: number;
}
/** ldrb, ldrh, ldr wT, ldr xT, [xN, #offset]; ldurb, … */
export const ldr: Access = { scaled: 0x3940_0000, unscaled: 0x3840_0000 };
/** strb, strh, str wT, str xT, [xN, #offset]; sturb, … */
export const str: Access = { scaled: 0x3900_0000, unscaled: 0x3800_0000 };

/** str x30, [sp, #-16]!: the stack pointer stays aligned to 16 */
export const pushLink = 0xf81f_0ffe;
/** ldr x30, [sp], #16 */
export const popLink = 0xf841_07fe;
/** ret: to x30 */
export const ret = 0xd65f_03c0;
/** svc #0 */
export const svc = 0xd400_0001;

/** b, bl: 128 MiB either way */
export const b = 0x1400_0000;
export const bl = 0x9400_0000;

/** b.cond: 1 MiB either way */
export const bCond: Record<Comparison, number> = {
  eq: 0x5400_0000,
  ne: 0x5400_0001,
  aboveOrEqual: 0x5400_0002, // b.hs
  below: 0x5400_0003, // b.lo
  ge: 0x5400_000a,
  lt: 0x5400_000b,
  gt: 0x5400_000c,
  le: 0x5400_000d,
};

/** cbz, cbnz xT: 1 MiB either way */
export const cbz = (t: number): number => 0xb400_0000 | t;
export const cbnz = (t: number): number => 0xb500_0000 | t;

/** arm64 machine code. */
export class ArmCode extends Code {
  /** An instruction. */
  word(bits: number): void {
    this.put(bits, 4);
  }

  /** b, bl, b.cond, cbz or cbnz to a label. */
  jump(bits: number, label: Label): void {
    this.put(bits, 4);
    this.reach(label);
  }

  /** A constant, sign-extended from 32 bits: movz or movn sets 16 and the rest to 0 or 1, movk 16. */
  movConstant(d: number, value: number): void {
    const implied = value < 0 ? 0xffff : 0;
    const first = value < 0 ? movn : movz;
    const low = value & 0xffff;
    const high = value >>> 16;
    if (high === implied) {
      this.#movHalf(first, d, 0, low ^ implied);
    } else if (low === implied) {
      this.#movHalf(first, d, 1, high ^ implied);
    } else {
      this.#movHalf(first, d, 0, low ^ implied);
      this.#movHalf(movk, d, 1, high);
    }
  }

  /** A 64-bit constant, in the same way. */
  movLarge(d: number, value: bigint): void {
    const halves = [0n, 16n, 32n, 48n].map((at) => Number((value >> at) & 0xffffn));
    const count = (half: number) => halves.filter((each) => each === half).length;
    const implied = count(0xffff) > count(0) ? 0xffff : 0;
    let opcode = implied ? movn : movz;
    for (const [at, half] of halves.entries()) {
      if (half === implied) continue;
      this.#movHalf(opcode, d, at, opcode === movk ? half : half ^ implied);
      opcode = movk;
    }
  }

  /** An address: adr xD, 1 MiB either way, else the constant that it is. */
  movAddress(d: number, address: number): void {
    const distance = address - this.here;
    if (fitsSigned(distance, 21)) {
      this.word(0x1000_0000 | ((distance & 3) << 29) | (((distance >> 2) & 0x7_ffff) << 5) | d);
    } else {
      this.movConstant(d, address);
    }
  }

  /** Loads or stores xT at [xN, #offset], if need be by way of x16 and x17. */
  access({ scaled, unscaled }: Access, width: Width, t: number, n: number, offset: number): void {
    const bits = (widths[width] << 30) | t;
    if (offset % width === 0 && fits12(offset / width)) {
      this.word(immediate(scaled, 0, n, offset / width) | bits);
    } else if (fitsSigned(offset, 9)) {
      this.word(unscaled | ((offset & 0x1ff) << 12) | (n << 5) | bits);
    } else {
      this.movConstant(x17, offset);
      this.word(operate('add', x16, n, x17));
      this.word(immediate(scaled, 0, x16, 0) | bits);
    }
  }

  #movHalf(opcode: number, d: number, at: number, bits: number): void {
    this.put(opcode | (at << 21) | (bits << 5) | d, 4);
  }

  /** A signed count of instructions: b and bl 25:0, others 23:5. */
  protected fill(at: number, distance: number): void {
    const bits = this.view.getInt32(at, true);
    const count = distance / 4;
    const wide = (bits & 0x7c00_0000) === b;
    if (!fitsSigned(count, wide ? 26 : 19)) {
      throw new RangeError(`No jump spans ${distance} bytes: the launcher is too large`);
    }
    this.view.setInt32(at, bits | (wide ? count & 0x3ff_ffff : (count & 0x7_ffff) << 5), true);
  }
}
