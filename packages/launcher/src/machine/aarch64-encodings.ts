/**
 * The arm64 instructions that launchers are made of, named as in the Arm Architecture Reference
 * Manual, chapter C6. `xN` are 64-bit registers; register 31 is xzr or sp, as the instruction says.
 */
import type { Arithmetic, Comparison } from '../instructions.ts';
import { type Form, fitsSigned } from './linker.ts';

export const x0 = 0;
export const x1 = 1;
export const x2 = 2;
export const x8 = 8;
/** The linker's scratch registers, by convention nobody's: x16 and x17. */
const x16 = 16;
const x17 = 17;
export const x28 = 28;
export const xzr = 31;

type Code = readonly number[];
type Width = 1 | 2 | 4 | 8;

/** One instruction; every instruction is a 32-bit word. */
const word = (bits: number): Code => [
  bits & 0xff,
  (bits >>> 8) & 0xff,
  (bits >>> 16) & 0xff,
  bits >>> 24,
];

/** The data-processing form with three registers: Rm 20:16, Rn 9:5, Rd 4:0. */
const three = (opcode: number) => (d: number, n: number, m: number) =>
  word(opcode | (m << 16) | (n << 5) | d);

/** add, sub, mul (madd with xzr), udiv, and, orr, lslv, lsrv xD, xN, xM */
export const operate = {
  add: three(0x8b00_0000),
  sub: three(0xcb00_0000),
  mul: three(0x9b00_0000 | (xzr << 10)),
  div: three(0x9ac0_0800),
  and: three(0x8a00_0000),
  or: three(0xaa00_0000),
  // The machine takes counts modulo 64.
  shl: three(0x9ac0_2000),
  shr: three(0x9ac0_2400),
};
/** msub xD, xN, xM, xA: A - N * M */
export const msub = (d: number, n: number, m: number, a: number): Code =>
  three(0x9b00_8000 | (a << 10))(d, n, m);
/** cmp xN, xM: subs with xzr */
export const cmp = (n: number, m: number): Code => three(0xeb00_0000)(xzr, n, m);
/** mov xD, xM: orr with xzr */
export const mov = (d: number, m: number): Code => operate.or(d, xzr, m);

/** The form with a 12-bit unsigned immediate. */
const immediate = (opcode: number) => (d: number, n: number, value: number) =>
  word(opcode | (value << 10) | (n << 5) | d);

/** add, sub xD, xN, #imm12; cmp, cmn xN, #imm12: subs, adds with xzr */
const addImmediate = immediate(0x9100_0000);
const subImmediate = immediate(0xd100_0000);
const subsImmediate = immediate(0xf100_0000);
const addsImmediate = immediate(0xb100_0000);

const fits12 = (value: number): boolean => value >= 0 && value < 4096;

/** Compares xN with a value, if one instruction can: cmp or cmn */
export function cmpSmall(n: number, value: bigint): Code | undefined {
  const number = Number(BigInt.asIntN(64, value));
  if (fits12(number)) return subsImmediate(xzr, n, number);
  return fits12(-number) ? addsImmediate(xzr, n, -number) : undefined;
}

/** mov xD, sp: add xD, sp, #0 */
export const movFromSp = (d: number): Code => addImmediate(d, 31, 0);

/** ubfm xD, xN, #immr, #imms */
const ubfm = (d: number, n: number, immr: number, imms: number): Code =>
  word(0xd340_0000 | (immr << 16) | (imms << 10) | (n << 5) | d);

/** xD := xN op value, if one instruction can: add, sub, lsl or lsr with an immediate */
export function operateImmediate(
  op: Arithmetic,
  d: number,
  n: number,
  value: bigint,
): Code | undefined {
  if (op === 'add' || op === 'sub') {
    const sum = Number(BigInt.asIntN(64, op === 'add' ? value : -value));
    if (fits12(sum)) return addImmediate(d, n, sum);
    return fits12(-sum) ? subImmediate(d, n, -sum) : undefined;
  }
  const count = Number(value % 64n);
  if (op === 'shl') return ubfm(d, n, (64 - count) % 64, 63 - count);
  return op === 'shr' ? ubfm(d, n, count, 63) : undefined;
}

/** A 64-bit constant: movz or movn sets 16 bits and all others to 0 or 1, movk each 16 bits left. */
export function movConstant(d: number, value: bigint): Code {
  const halves = [0, 1, 2, 3].map((at) => Number((value >> BigInt(16 * at)) & 0xffffn));
  const count = (half: number) => halves.filter((each) => each === half).length;
  const negated = count(0xffff) > count(0);
  const implied = negated ? 0xffff : 0;

  const code: number[] = [];
  for (const [at, half] of halves.entries()) {
    if (half === implied) continue;
    const first = code.length === 0;
    const opcode = first ? (negated ? 0x9280_0000 : 0xd280_0000) : 0xf280_0000;
    const bits = first && negated ? ~half & 0xffff : half;
    code.push(...word(opcode | (at << 21) | (bits << 5) | d));
  }
  // movn xD, #0; movz xD, #0
  return code.length > 0 ? code : word((negated ? 0x9280_0000 : 0xd280_0000) | d);
}

const widths = { 1: 0, 2: 1, 4: 2, 8: 3 };

/** The width, Rn and Rt fields, which all loads and stores share. */
const access = (opcode: number, width: Width, t: number, n: number): number =>
  opcode | (widths[width] << 30) | (n << 5) | t;

/** With an offset in units of the width, 12 bits unsigned; else in bytes, 9 bits signed. */
const accessAt =
  (scaled: number, unscaled: number) =>
  (width: Width, t: number, n: number, offset: number): Code => {
    if (offset % width === 0 && fits12(offset / width)) {
      return word(access(scaled, width, t, n) | ((offset / width) << 10));
    }
    if (fitsSigned(offset, 9))
      return word(access(unscaled, width, t, n) | ((offset & 0x1ff) << 12));
    // add x16, xN, x17
    return [
      ...movConstant(x17, BigInt.asUintN(64, BigInt(offset))),
      ...operate.add(x16, n, x17),
      ...word(access(scaled, width, t, x16)),
    ];
  };

/** ldrb, ldrh, ldr wT, ldr xT, [xN, #offset]; ldurb, …; else by way of x16 and x17 */
export const ldr = accessAt(0x3940_0000, 0x3840_0000);
/** strb, strh, str wT, str xT, [xN, #offset]; sturb, …; else by way of x16 and x17 */
export const str = accessAt(0x3900_0000, 0x3800_0000);

/** str x30, [sp, #-16]!: the stack pointer stays aligned to 16 */
export const pushLink = word(0xf81f_0ffe);
/** ldr x30, [sp], #16 */
export const popLink = word(0xf841_07fe);
/** ret: to x30 */
export const ret = word(0xd65f_03c0);
/** svc #0 */
export const svc = word(0xd400_0001);

/** A form with a signed count of instructions to the target. */
function relative(bits: number, at: number, encode: (count: number) => number): Form {
  const mask = 2 ** bits - 1;
  return {
    size: 4,
    spans: (distance) => fitsSigned(distance / 4, bits),
    encode: (distance) => word(encode(((distance / 4) & mask) << at)),
  };
}

/** b: 128 MiB either way */
const near = relative(26, 0, (count) => 0x1400_0000 | count);
export const b = [near];
/** bl */
export const bl = [relative(26, 0, (count) => 0x9400_0000 | count)];

/** A conditional jump, else its opposite over a b. */
const conditional = (bits: number, opcode: number, opposite: number): Form[] => {
  const over = relative(bits, 5, (count) => opposite | count).encode(8);
  return [
    relative(bits, 5, (count) => opcode | count),
    {
      size: 8,
      spans: (distance) => near.spans(distance - 4),
      encode: (distance) => [...over, ...near.encode(distance - 4)],
    },
  ];
};

/** The lowest bit of a condition negates it. */
const onCondition = (code: number) => conditional(19, 0x5400_0000 | code, 0x5400_0001 ^ code);

/** b.cond: 1 MiB either way */
export const bCond: Record<Comparison, readonly Form[]> = {
  eq: onCondition(0),
  ne: onCondition(1),
  aboveOrEqual: onCondition(2), // b.hs
  below: onCondition(3), // b.lo
  ge: onCondition(10),
  lt: onCondition(11),
  gt: onCondition(12),
  le: onCondition(13),
};

const compareAndBranch = { eq: 0xb400_0000, ne: 0xb500_0000 };

/** cbz, cbnz xT: 1 MiB either way */
export function cb(condition: keyof typeof compareAndBranch, t: number): Form[] {
  const bits = compareAndBranch[condition] | t;
  return conditional(19, bits, bits ^ (1 << 24));
}

const testSign = { ge: 0xb6f8_0000, lt: 0xb7f8_0000 };

/** tbz, tbnz xT, #63: the sign; 32 KiB either way */
export function tb(condition: keyof typeof testSign, t: number): Form[] {
  const bits = testSign[condition] | t;
  return conditional(14, bits, bits ^ (1 << 24));
}

/** An address: adr xD, 1 MiB either way, else the constant that it is. */
export function addressForms(d: number, address: number): Form[] {
  const constant = movConstant(d, BigInt(address));
  return [
    {
      size: 4,
      spans: (distance) => fitsSigned(distance, 21),
      encode: (distance) =>
        word(0x1000_0000 | ((distance & 3) << 29) | (((distance >> 2) & 0x7_ffff) << 5) | d),
    },
    { size: constant.length, spans: () => true, encode: () => constant },
  ];
}
