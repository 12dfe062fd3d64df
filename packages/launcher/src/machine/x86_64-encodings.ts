/**
 * The x86-64 instructions that launchers are made of, named as in the Intel Software Developer's
 * Manual, volume 2. `r64` is a 64-bit register, `m64` eight bytes at [base + displacement].
 */
import type { Comparison, Label } from '../instructions.ts';
import { Code, fitsSigned } from './code.ts';

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

/** rsp, rbp, r12 and r13 need other encodings and are never bases here. */
type Base = typeof rbx | typeof rcx;
type Width = 1 | 2 | 4 | 8;

/** Opcodes of `op r64, r/m64`; as `op r/m64, imm`, three bits of them go into ModRM.reg. */
const group = { add: 0x03, or: 0x0b, and: 0x23, sub: 0x2b, cmp: 0x3b };
export type Operation = keyof typeof group;

const shifts = { shl: 4, shr: 5 };

/** movzx r32, m8; movzx r32, m16; mov r32, m32; mov r64, m64: prefixes and opcode. */
const loads = { 1: 0xb60f, 2: 0xb70f, 4: 0x8b, 8: 0x8b48 };
/** mov m8, r8; mov m16, r16; mov m32, r32; mov m64, r64 */
const stores = { 1: 0x88, 2: 0x8966, 4: 0x89, 8: 0x8948 };

/** What a jcc adds to its opcode. */
const conditions: Record<Comparison, number> = {
  eq: 0x4, // je
  ne: 0x5, // jne
  lt: 0xc, // jl
  ge: 0xd, // jge
  le: 0xe, // jle
  gt: 0xf, // jg
  below: 0x2, // jb
  aboveOrEqual: 0x3, // jae
};

/** REX.W, for eight bytes, with the fourth bits of ModRM.reg and ModRM.rm. */
const rexW = (reg: number, rm: number): number => 0x48 | ((reg & 8) >> 1) | (rm >> 3);
/** ModRM, with two registers. */
const registers = (reg: number, rm: number): number => 0xc0 | ((reg & 7) << 3) | (rm & 7);

/** x86-64 machine code: a method appends the instruction of its name. */
export class X86Code extends Code {
  /** mov r64, r64 */
  mov(to: number, from: number): void {
    this.#withRegister(0x89, from, to);
  }

  /** mov r64, m64 */
  movLoad(to: number, base: Base, displacement: number): void {
    this.#withMemory(0x8b00 | rexW(to, base), 2, to, base, displacement);
  }

  /** mov m64, r64 */
  movStore(base: Base, displacement: number, from: number): void {
    this.#withMemory(0x8900 | rexW(from, base), 2, from, base, displacement);
  }

  /** The shortest move of a constant, sign-extended from 32 bits. Zero changes the flags. */
  movConstant(to: number, value: number): void {
    if (value > 0) {
      this.#movUnsigned(to, value);
    } else if (value < 0) {
      // mov r64, imm32
      this.#withRegister(0xc7, 0, to);
      this.put(value, 4);
    } else {
      // xor r32, r32 (writing 32 bits clears the upper half)
      if (to >= r8) this.put(0x45, 1);
      this.put(0x31 | (registers(to, to) << 8), 2);
    }
  }

  /** mov r32, imm32; mov r64, imm64: an unsigned 64-bit constant that the other is not for */
  movLarge(to: number, value: bigint): void {
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(value >> 32n);
    if (high === 0) {
      this.#movUnsigned(to, low);
    } else {
      this.put(rexW(0, to) | ((0xb8 | (to & 7)) << 8), 2);
      this.put(low, 4);
      this.put(high, 4);
    }
  }

  /** mov r32, imm32 */
  #movUnsigned(to: number, value: number): void {
    if (to < r8) this.put(0xb8 | to, 1);
    else this.put(0xb841 | ((to & 7) << 8), 2);
    this.put(value, 4);
  }

  /** Reads so many bytes and zero-extends them. The register is one of the first eight. */
  load(width: Width, to: number, base: Base, displacement: number): void {
    this.#withMemory(loads[width], width === 4 ? 1 : 2, to, base, displacement);
  }

  /** Writes so many bytes. The register is one of the first four. */
  store(width: Width, base: Base, displacement: number, from: number): void {
    this.#withMemory(stores[width], width === 1 || width === 4 ? 1 : 2, from, base, displacement);
  }

  /** add, or, and, sub, cmp r64, r64 */
  operate(op: Operation, to: number, from: number): void {
    this.#withRegister(group[op], to, from);
  }

  /** add, or, and, sub, cmp r64, m64 */
  operateLoad(op: Operation, to: number, base: Base, displacement: number): void {
    this.#withMemory((group[op] << 8) | rexW(to, base), 2, to, base, displacement);
  }

  /** add, or, and, sub, cmp r64, imm8 or imm32, sign-extended */
  operateImmediate(op: Operation, to: number, value: number): void {
    const short = fitsSigned(value, 8);
    this.#withRegister(short ? 0x83 : 0x81, group[op] >> 3, to);
    this.put(value, short ? 1 : 4);
  }

  /** cmp m64, imm8 or imm32, sign-extended */
  cmpMemory(base: Base, displacement: number, value: number): void {
    const short = fitsSigned(value, 8);
    this.#withMemory(short ? 0x8348 : 0x8148, 2, group.cmp >> 3, base, displacement);
    this.put(value, short ? 1 : 4);
  }

  /** test r64, r64: the flags of `cmp r64, 0` */
  test(register: number): void {
    this.#withRegister(0x85, register, register);
  }

  /** imul r64, r64 */
  imul(to: number, from: number): void {
    this.put(rexW(to, from) | 0xaf_0f00 | (registers(to, from) << 24), 4);
  }

  /** div r64: rdx:rax by the operand, quotient in rax, remainder in rdx */
  div(by: number): void {
    this.#withRegister(0xf7, 6, by);
  }

  /** shl, shr r64, imm8 */
  shiftImmediate(op: keyof typeof shifts, register: number, count: number): void {
    this.#withRegister(0xc1, shifts[op], register);
    this.put(count, 1);
  }

  /** shl, shr r64, cl: the machine takes the count modulo 64 */
  shift(op: keyof typeof shifts, register: number): void {
    this.#withRegister(0xd3, shifts[op], register);
  }

  /** syscall: number in rax; clobbers rcx and r11 */
  syscall(): void {
    this.put(0x050f, 2);
  }

  /** ret */
  ret(): void {
    this.put(0xc3, 1);
  }

  /** jmp rel32 */
  jmp(label: Label): void {
    this.put(0xe9, 1 + 4);
    this.reach(label);
  }

  /** call rel32 */
  call(label: Label): void {
    this.put(0xe8, 1 + 4);
    this.reach(label);
  }

  /** jcc rel32 */
  jcc(comparison: Comparison, label: Label): void {
    this.put(0x800f | (conditions[comparison] << 8), 2 + 4);
    this.reach(label);
  }

  /** The machine counts from the end of the distance. */
  protected fill(at: number, distance: number): void {
    this.view.setInt32(at, distance - 4, true);
  }

  /** REX.W and opcode with a register as its r/m operand. */
  #withRegister(opcode: number, reg: number, rm: number): void {
    this.put(rexW(reg, rm) | (opcode << 8) | (registers(reg, rm) << 16), 3);
  }

  /** Prefixes and opcode, one or two bytes, with memory as its r/m operand. */
  #withMemory(head: number, size: number, reg: number, base: Base, displacement: number): void {
    const modrm = ((reg & 7) << 3) | base;
    if (displacement === 0) {
      this.put(head | (modrm << (8 * size)), size + 1);
    } else if (fitsSigned(displacement, 8)) {
      this.put(head | ((0x40 | modrm | (displacement << 8)) << (8 * size)), size + 2);
    } else if (fitsSigned(displacement, 32)) {
      this.put(head | ((0x80 | modrm) << (8 * size)), size + 1);
      this.put(displacement, 4);
    } else {
      throw new RangeError(`${displacement} does not fit 32 bits`);
    }
  }
}
