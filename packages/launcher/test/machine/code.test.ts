import { describe, expect, it } from 'vitest';
import * as arm from '../../src/machine/aarch64-encodings.ts';
import { ArmCode } from '../../src/machine/aarch64-encodings.ts';
import { fitsSigned } from '../../src/machine/code.ts';
import { rax, rbx, X86Code } from '../../src/machine/x86_64-encodings.ts';
import { disassemble } from './tools.ts';

const start = 0x40_0000;
const mebibyte = 1 << 20;

const x86Code = () => new X86Code(start, 1000);
const armCode = () => new ArmCode(start, 3 * mebibyte);

const bytes = (code: X86Code, size: number) => {
  for (let at = 0; at < size; at++) code.ret();
};
/** Zeroes, which objdump leaves out. */
const zeroes = (code: ArmCode, size: number) => {
  for (let at = 0; at < size; at += 4) code.word(0);
};

describe('x86-64', () => {
  it('jumps forth and back, near and far', () => {
    const code = x86Code();
    const label = { name: 'middle' };
    const jumps = () => {
      code.jmp(label);
      code.jcc('eq', label);
      code.call(label);
    };
    jumps();
    bytes(code, 130);
    jumps();
    code.place(label);
    jumps();
    bytes(code, 130);
    jumps();
    const shown = disassemble(code.finish(), start, 'x86_64');
    const text = shown.map((line) => line.text).filter((line) => line !== 'ret');
    const target = `0x${(start + 130 + 2 * 16).toString(16)}`;
    const expected = [`jmp ${target}`, `je ${target}`, `call ${target}`];
    expect(text).toEqual([...expected, ...expected, ...expected, ...expected]);
    expect(code.labels).toEqual(new Map([[label, Number(target)]]));
  });

  it('takes the shortest displacement', () => {
    const code = x86Code();
    const ends = [0, 127, -128, 128, -129, 0x7fff_ffff, -0x8000_0000].map((displacement) => {
      code.movLoad(rax, rbx, displacement);
      return code.here - start;
    });
    expect(ends.map((end, at) => end - (ends[at - 1] ?? 0))).toEqual([3, 4, 4, 7, 7, 7, 7]);
    expect(disassemble(code.finish(), start, 'x86_64').map(({ text }) => text)).toEqual(
      ['', '+0x7f', '-0x80', '+0x80', '-0x81', '+0x7fffffff', '-0x80000000'].map(
        (shown) => `mov rax,QWORD PTR [rbx${shown}]`,
      ),
    );
    expect(() => code.movLoad(rax, rbx, 0x8000_0000)).toThrow('does not fit 32 bits');
  });
});

describe('arm64', () => {
  it('jumps and addresses near and far', () => {
    const code = armCode();
    const label = { name: 'middle' };
    const near = () => {
      code.jump(arm.b, label);
      code.jump(arm.bl, label);
      code.jump(arm.bCond.le, label);
      code.jump(arm.cbz(2), label);
      code.jump(arm.cbnz(3), label);
      code.movAddress(5, start + 1);
    };
    near();
    code.place(label);
    near();
    zeroes(code, 2 * mebibyte);
    code.jump(arm.b, label);
    code.jump(arm.bl, label);
    code.movAddress(5, start + 1);
    const shown = disassemble(code.finish(), start, 'aarch64');
    expect(shown.map(({ address, text }) => `${address.toString(16)} ${text}`)).toEqual([
      '400000 b 0x400018',
      '400004 bl 0x400018',
      '400008 b.le 0x400018',
      '40000c cbz x2, 0x400018',
      '400010 cbnz x3, 0x400018',
      '400014 adr x5, 0x400001',
      '400018 b 0x400018',
      '40001c bl 0x400018',
      '400020 b.le 0x400018',
      '400024 cbz x2, 0x400018',
      '400028 cbnz x3, 0x400018',
      '40002c adr x5, 0x400001',
      '600030 b 0x400018',
      '600034 bl 0x400018',
      '600038 mov x5, #0x1',
      '60003c movk x5, #0x40, lsl #16',
    ]);
  });

  it.each([
    ['b.lt', arm.bCond.lt],
    ['cbz', arm.cbz(0)],
  ])('refuses what %s does not span', (_, jump) => {
    const forth = (size: number) => {
      const code = armCode();
      const label = { name: 'end' };
      code.jump(jump, label);
      zeroes(code, size - 4);
      code.place(label);
      return disassemble(code.finish(), start, 'aarch64')[0]?.text;
    };
    const back = (size: number) => {
      const code = armCode();
      const label = { name: 'start' };
      code.place(label);
      zeroes(code, size);
      code.jump(jump, label);
      return disassemble(code.finish(), start, 'aarch64').at(-1)?.text;
    };
    expect(forth(mebibyte - 4)).toContain(`0x${(start + mebibyte - 4).toString(16)}`);
    expect(() => forth(mebibyte)).toThrow('No jump spans 1048576 bytes');
    expect(back(mebibyte)).toContain(`0x${start.toString(16)}`);
    expect(() => back(mebibyte + 4)).toThrow('No jump spans -1048580 bytes');
  });
});

it('refuses what it cannot place', () => {
  const label = { name: 'here' };
  const jump = x86Code();
  jump.jmp(label);
  expect(() => jump.finish()).toThrow('Label here is not placed');
  jump.place(label);
  expect(() => jump.place(label)).toThrow('Label here is placed twice');
});

it('fitsSigned knows the bounds of a field', () => {
  const fits = (bits: number, values: readonly number[]) =>
    values.map((value) => fitsSigned(value, bits));
  expect(fits(8, [-129, -128, 127, 128])).toEqual([false, true, true, false]);
  const half = 2 ** 31;
  expect(fits(32, [-half - 1, -half, half - 1, half])).toEqual([false, true, true, false]);
});
