/**
 * The x86-64 instructions that launchers are made of, named as in the Intel Software Developer's
 * Manual, volume 2. `r64` is a 64-bit register, `m64` eight bytes at [base + displacement].
 */
import type { Comparison } from '../instructions.ts';
import { type Form, fitsSigned } from './linker.ts';

export const rax = 0;
export const rcx = 1;
export const rdx = 2;
export const rbx = 3;
export const rsp = 4;
export const rsi = 6;
export const rdi = 7;
export const r8 = 8;
export const r9 = 9;
export const r10 = 10;

type Code = readonly number[];

/** Eight (`true`) or four bytes wide: REX.W. */
type Wide = boolean;

/** [base + displacement]. rsp, rbp, r12 and r13 need other encodings and are never bases here. */
export interface Memory {
  readonly base: typeof rbx | typeof rcx;
  readonly displacement: number;
}

/** REX prefix, if one is needed: W, and the fourth bits of ModRM.reg and ModRM.rm. */
function rex(wide: Wide, reg: number, rm: number): Code {
  const bits = (wide ? 8 : 0) | ((reg >> 3) << 2) | (rm >> 3);
  return bits === 0 ? [] : [0x40 | bits];
}

const modrm = (mod: number, reg: number, rm: number): number =>
  (mod << 6) | ((reg & 7) << 3) | (rm & 7);

/** opcode with a register as its r/m operand. */
const withRegister = (wide: Wide, opcode: Code, reg: number, rm: number): Code => [
  ...rex(wide, reg, rm),
  ...opcode,
  modrm(3, reg, rm),
];

/** opcode with memory as its r/m operand, in the shortest of no, 8-bit and 32-bit displacement. */
function withMemory(wide: Wide, opcode: Code, reg: number, { base, displacement }: Memory): Code {
  const start = [...rex(wide, reg, base), ...opcode];
  if (displacement === 0) return [...start, modrm(0, reg, base)];
  return fitsSigned(displacement, 8)
    ? [...start, modrm(1, reg, base), displacement & 0xff]
    : [...start, modrm(2, reg, base), ...signed(displacement)];
}

/** 32 bits, least significant byte first. */
const int32 = (value: number): Code => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  value >>> 24,
];

function signed(value: number): Code {
  if (!fitsSigned(value, 32)) throw new RangeError(`${value} does not fit 32 bits`);
  return int32(value);
}

/** opcode with either as its r/m operand. */
const withEither = (wide: Wide, opcode: Code, reg: number, rm: number | Memory): Code =>
  typeof rm === 'number' ? withRegister(wide, opcode, reg, rm) : withMemory(wide, opcode, reg, rm);

/** A constant as a sign-extended 32-bit immediate, if it is one. */
export function immediate32(value: bigint): number | undefined {
  const number = Number(BigInt.asIntN(64, value));
  return fitsSigned(number, 32) ? number : undefined;
}

/** mov r64, r64 */
export const movRegister = (to: number, from: number): Code => withRegister(true, [0x89], from, to);

/** mov r64, m64 */
export const movLoad = (to: number, from: Memory): Code => withMemory(true, [0x8b], to, from);

/** mov m64, r64 */
export const movStore = (to: Memory, from: number): Code => withMemory(true, [0x89], from, to);

/** The shortest move of an unsigned 64-bit constant. Zero changes the flags. */
export function movConstant(to: number, value: bigint): Code {
  // xor r32, r32 (writing 32 bits clears the upper half)
  if (value === 0n) return withRegister(false, [0x31], to, to);
  // mov r32, imm32
  if (value < 1n << 32n) return [...rex(false, 0, to), 0xb8 | (to & 7), ...int32(Number(value))];
  // mov r64, imm32, sign-extended
  const short = immediate32(value);
  if (short !== undefined) return [...withRegister(true, [0xc7], 0, to), ...signed(short)];
  // mov r64, imm64
  const halves = [...int32(Number(value & 0xffff_ffffn)), ...int32(Number(value >> 32n))];
  return [...rex(true, 0, to), 0xb8 | (to & 7), ...halves];
}

/** movzx r32, m8; movzx r32, m16; mov r32, m32; mov r64, m64 */
export const loads = {
  1: (to: number, from: Memory) => withMemory(false, [0x0f, 0xb6], to, from),
  2: (to: number, from: Memory) => withMemory(false, [0x0f, 0xb7], to, from),
  4: (to: number, from: Memory) => withMemory(false, [0x8b], to, from),
  8: movLoad,
};

/** mov m8, al; mov m16, ax; mov m32, eax; mov m64, rax. Byte registers are the first four only. */
export const stores = {
  1: (to: Memory, from: typeof rax) => withMemory(false, [0x88], from, to),
  2: (to: Memory, from: typeof rax) => [0x66, ...withMemory(false, [0x89], from, to)],
  4: (to: Memory, from: typeof rax) => withMemory(false, [0x89], from, to),
  8: movStore,
};

/** The group whose opcodes differ in three bits only: `op r64, r/m64` and `op r/m64, imm`. */
export const group = { add: 0, or: 1, and: 4, sub: 5, cmp: 7 };

/** add, or, and, sub, cmp r64, r/m64 */
export const operate = (op: keyof typeof group, to: number, from: number | Memory): Code =>
  withEither(true, [(group[op] << 3) | 3], to, from);

/** add, or, and, sub, cmp r/m64, imm8 or imm32, sign-extended */
export const operateImmediate = (
  op: keyof typeof group,
  to: number | Memory,
  value: number,
): Code =>
  fitsSigned(value, 8)
    ? [...withEither(true, [0x83], group[op], to), value & 0xff]
    : [...withEither(true, [0x81], group[op], to), ...signed(value)];

/** test r64, r64: the flags of `cmp r64, 0` */
export const test = (register: number): Code => withRegister(true, [0x85], register, register);

/** imul r64, r/m64 */
export const imul = (to: number, from: number | Memory): Code =>
  withEither(true, [0x0f, 0xaf], to, from);

/** div r/m64: rdx:rax by the operand, quotient in rax, remainder in rdx */
export const div = (by: number | Memory): Code => withEither(true, [0xf7], 6, by);

const shifts = { shl: 4, shr: 5 };

/** shl, shr r64, imm8 */
export const shiftImmediate = (op: keyof typeof shifts, register: number, count: number): Code => [
  ...withRegister(true, [0xc1], shifts[op], register),
  count,
];

/** shl, shr r64, cl: the machine takes the count modulo 64 */
export const shift = (op: keyof typeof shifts, register: number): Code =>
  withRegister(true, [0xd3], shifts[op], register);

/** syscall: number in rax; clobbers rcx and r11 */
export const syscall: Code = [0x0f, 0x05];

/** ret */
export const ret: Code = [0xc3];

/** With an 8-bit or a 32-bit distance. The machine counts from the end of the instruction. */
const short = (opcode: number): Form => ({
  size: 2,
  spans: (distance) => fitsSigned(distance - 2, 8),
  encode: (distance) => [opcode, (distance - 2) & 0xff],
});
const near = (...opcode: number[]): Form => {
  const size = opcode.length + 4;
  return {
    size,
    spans: (distance) => fitsSigned(distance - size, 32),
    encode: (distance) => [...opcode, ...int32(distance - size)],
  };
};

/** jmp rel8; jmp rel32 */
export const jmp: readonly Form[] = [short(0xeb), near(0xe9)];

/** call rel32 */
export const call: readonly Form[] = [near(0xe8)];

const conditional = (condition: number): readonly Form[] => [
  short(0x70 | condition),
  near(0x0f, 0x80 | condition),
];

/** jcc rel8; jcc rel32 */
export const jcc: Record<Comparison, readonly Form[]> = {
  eq: conditional(0x4), // je
  ne: conditional(0x5), // jne
  lt: conditional(0xc), // jl
  ge: conditional(0xd), // jge
  le: conditional(0xe), // jle
  gt: conditional(0xf), // jg
  below: conditional(0x2), // jb
  aboveOrEqual: conditional(0x3), // jae
};
