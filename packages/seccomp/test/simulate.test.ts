import { describe, expect, it } from 'vitest';
import * as op from '../src/bpf/opcodes.ts';
import { Filter, FilterError, parseFilter, verdict } from '../src/index.ts';

type Row = [code: number, k?: number, jt?: number, jf?: number];

function assemble(...rows: Row[]): Uint8Array {
  const bytes = new Uint8Array(8 * rows.length);
  const view = new DataView(bytes.buffer);
  for (const [i, [code, k = 0, jt = 0, jf = 0]] of rows.entries()) {
    view.setUint16(8 * i, code, true);
    view.setUint8(8 * i + 2, jt);
    view.setUint8(8 * i + 3, jf);
    view.setUint32(8 * i + 4, k, true);
  }
  return bytes;
}

const returnA: Row = [op.BPF_RET + op.BPF_A];
const load = (k: number): Row => [op.BPF_LD + op.BPF_ABS, k];
const immediate = (k: number): Row => [op.BPF_LD + op.BPF_IMM, k];
const alu = (kind: number, k: number): Row => [op.BPF_ALU + kind + op.BPF_K, k];

function result(...rows: Row[]): number {
  const filter = parseFilter(assemble(...rows));
  const call = { arch: 'SCMP_ARCH_X86_64', nr: 7, args: [1, 2, -3, 0x1_0000_0004n] } as const;
  return verdict(filter, { ...call, instructionPointer: 0xabcd_0000_1234n }).value;
}

describe('a simulated filter', () => {
  it('sees struct seccomp_data in the byte order of the architecture', () => {
    const words = Array.from({ length: 12 }, (_, i) => result(load(4 * i), returnA));
    expect(words).toEqual([
      7, 0xc000_003e, 0x1234, 0xabcd, 1, 0, 2, 0, 0xffff_fffd, 0xffff_ffff, 4, 1,
    ]);
    const filter = parseFilter(assemble(load(16), returnA));
    const call = { nr: 0, args: [0x0000_0001_0000_0002n] };
    expect(verdict(filter, { arch: 'SCMP_ARCH_S390X', ...call }).value).toBe(1);
    expect(verdict(filter, { arch: 0xc000_00b7, ...call }).value).toBe(2);
  });

  it.each([
    [op.BPF_ADD, 0xffff_ffff, 2, 1],
    [op.BPF_SUB, 1, 2, 0xffff_ffff],
    [op.BPF_MUL, 0xffff_ffff, 0xffff_ffff, 1],
    [op.BPF_DIV, 0xffff_ffff, 2, 0x7fff_ffff],
    [op.BPF_OR, 0x8000_0000, 1, 0x8000_0001],
    [op.BPF_AND, 0xf000_000f, 0x8000_0001, 0x8000_0001],
    [op.BPF_XOR, 0xf000_0000, 0x8000_0000, 0x7000_0000],
    [op.BPF_LSH, 0xffff_ffff, 31, 0x8000_0000],
    [op.BPF_RSH, 0xffff_ffff, 31, 1],
  ])('calculates 0x%x on 32 unsigned bits', (kind, a, k, expected) => {
    expect(result(immediate(a), alu(kind, k), returnA)).toBe(expected);
    const x: Row[] = [[op.BPF_LDX + op.BPF_IMM, k], [op.BPF_ALU + kind + op.BPF_X]];
    expect(result(immediate(a), ...x, returnA)).toBe(expected);
  });

  it('has a register X, scratch words, a length and a sign', () => {
    expect(result(immediate(5), [op.BPF_ALU + op.BPF_NEG], returnA)).toBe(0xffff_fffb);
    expect(result([op.BPF_LD + op.BPF_LEN], returnA)).toBe(64);
    expect(
      result(
        immediate(3),
        [op.BPF_ST, 15],
        [op.BPF_MISC + op.BPF_TAX],
        [op.BPF_STX, 0],
        [op.BPF_LD + op.BPF_MEM, 15],
        [op.BPF_LDX + op.BPF_MEM, 0],
        [op.BPF_ALU + op.BPF_ADD + op.BPF_X],
        returnA,
      ),
    ).toBe(6);
    expect(result([op.BPF_LDX + op.BPF_LEN], [op.BPF_MISC + op.BPF_TXA], returnA)).toBe(64);
  });

  it('ends with 0 where it divides by X, and X is 0', () => {
    expect(result(immediate(7), [op.BPF_ALU + op.BPF_DIV + op.BPF_X], [op.BPF_RET, 1])).toBe(0);
  });

  it.each([
    [op.BPF_JEQ, 7, 7, true],
    [op.BPF_JEQ, 7, 8, false],
    [op.BPF_JGT, 0x8000_0000, 0x7fff_ffff, true],
    [op.BPF_JGT, 7, 7, false],
    [op.BPF_JGE, 7, 7, true],
    [op.BPF_JGE, 0x7fff_ffff, 0x8000_0000, false],
    [op.BPF_JSET, 0x8000_0001, 0x8000_0000, true],
    [op.BPF_JSET, 6, 9, false],
  ])('jumps by 0x%x of %i and %i: %s', (kind, a, k, expected) => {
    const ends: Row[] = [
      [op.BPF_RET, 0],
      [op.BPF_RET, 1],
    ];
    expect(result(immediate(a), [op.BPF_JMP + kind, k, 1, 0], ...ends)).toBe(expected ? 1 : 0);
  });

  it('returns no larger error numbers than Linux does, but any data of other actions', () => {
    const values = [0x0005_0fff, 0x0005_1000, 0x0005_ffff, 0x7ff0_1000, 0x0003_ffff, 0xffff_ffff];
    const returned = [0x0005_0fff, 0x0005_0fff, 0x0005_0fff, 0x7ff0_1000, 0x0003_ffff, 0xffff_ffff];
    expect(values.map((value) => result([op.BPF_RET, value]))).toEqual(returned);
    expect(values.map((value) => result(immediate(value), returnA))).toEqual(returned);
  });

  it('counts what is executed', () => {
    const filter = parseFilter(
      assemble([op.BPF_JMP + op.BPF_JA, 1], [op.BPF_RET, 1], [op.BPF_RET, 2]),
    );
    expect(verdict(filter, { arch: 'SCMP_ARCH_ARM', nr: 0 })).toEqual({ value: 2, executed: 2 });
  });
});

describe('a filter that Linux would not load', () => {
  const end: Row = [op.BPF_RET, 0];

  it.each<[string, ...Row[]]>([
    ['has no instructions'],
    ['instruction 0: is last and does not return', load(0)],
    ['instruction 0: jumps past the end', [op.BPF_JMP + op.BPF_JA, 1], end],
    ['instruction 0: jumps past the end', [op.BPF_JMP + op.BPF_JEQ, 0, 0, 1], end],
    ['instruction 0: loads from offset 2, which is no word', load(2), end],
    ['instruction 0: loads from offset 64, which is no word', load(64), end],
    ['instruction 0: divides by zero', alu(op.BPF_DIV, 0), end],
    ['instruction 0: shifts by 32', alu(op.BPF_LSH, 32), end],
    ['instruction 0: there is no scratch word 16', [op.BPF_ST, 16], end],
    ['instruction 0: reads scratch word 3 before', [op.BPF_LD + op.BPF_MEM, 3], end],
    [
      'instruction 3: reads scratch word 3 before it is written',
      [op.BPF_JMP + op.BPF_JEQ, 0, 0, 1],
      [op.BPF_ST, 3],
      load(0),
      [op.BPF_LDX + op.BPF_MEM, 3],
      end,
    ],
    // BPF_MOD, and a load of half a word.
    ['instruction 0: Linux takes no operation 0x94', [0x94, 3], end],
    ['instruction 0: Linux takes no operation 0x28', [0x28, 0], end],
    ['has 4097 instructions: Linux takes 4096 at most', ...Array<Row>(4097).fill(end)],
  ])('%s', (message, ...rows) => {
    expect(() => new Filter(assemble(...rows))).toThrow(FilterError);
    expect(() => new Filter(assemble(...rows))).toThrow(message);
  });

  it('is not a whole number of instructions', () => {
    expect(() => parseFilter(new Uint8Array(12))).toThrow(/is not a whole number/);
  });
});

it('keeps what it was made from apart', () => {
  const bytes = assemble([op.BPF_RET, 5]);
  const filter = parseFilter(bytes);
  bytes.fill(0xff);
  expect(filter.instructions).toEqual([{ code: op.BPF_RET, jt: 0, jf: 0, k: 5 }]);
  expect(filter.length).toBe(1);
});
