import { describe, expect, it } from 'vitest';
import type { Label } from '../../src/instructions.ts';
import * as arm from '../../src/machine/aarch64-encodings.ts';
import { type Form, fitsSigned, Linker } from '../../src/machine/linker.ts';
import * as x86 from '../../src/machine/x86_64-encodings.ts';
import { disassemble } from './tools.ts';

const start = 0x40_0000;

/** Plain code, a label, or something that reaches for one. */
type Fragment =
  | readonly number[]
  | { label: Label }
  | { target: Label | number; forms: readonly Form[] };

function link(fragments: readonly Fragment[]) {
  const linker = new Linker();
  for (const fragment of fragments) {
    if ('forms' in fragment) linker.reach(fragment.target, fragment.forms);
    else if ('label' in fragment) linker.label(fragment.label);
    else linker.code(fragment);
  }
  return linker.link(start);
}

const filler = (size: number): number[] => new Array<number>(size).fill(0x90);

/** The size of a jump over so many bytes. */
function sizeOver(forms: readonly Form[], distance: number): number {
  const label = { name: 'end' };
  const { labels } = link([{ target: label, forms }, filler(distance), { label }]);
  return (labels.get(label) ?? 0) - start - distance;
}

/** The size of a jump back over so many bytes. */
function sizeBack(forms: readonly Form[], distance: number): number {
  const label = { name: 'start' };
  return link([{ label }, filler(distance), { target: label, forms }]).bytes.length - distance;
}

describe('link', () => {
  it('takes the shortest jump that reaches, on x86-64', () => {
    expect(sizeOver(x86.jmp, 127)).toBe(2);
    expect(sizeOver(x86.jmp, 128)).toBe(5);
    expect(sizeBack(x86.jcc.lt, 126)).toBe(2);
    expect(sizeBack(x86.jcc.lt, 127)).toBe(6);
  });

  it('takes the shortest jump that reaches, on arm64', () => {
    expect(sizeOver(arm.tb('lt', 0), 32_760)).toBe(4);
    expect(sizeOver(arm.tb('lt', 0), 32_764)).toBe(8);
    expect(sizeBack(arm.cb('eq', 0), 1 << 20)).toBe(4);
    expect(sizeBack(arm.cb('eq', 0), (1 << 20) + 4)).toBe(8);
  });

  it('lets one jump outgrow its reach because another one did', () => {
    const [near, far] = [{ name: 'near' }, { name: 'far' }];
    const fragments: Fragment[] = [
      { target: near, forms: x86.jmp },
      { target: far, forms: x86.jmp },
      filler(124),
      { label: near },
      filler(10),
      { label: far },
    ];
    const { bytes } = link(fragments);
    expect(bytes.length).toBe(5 + 5 + 134);
    expect(disassemble(bytes, start, 'x86_64').slice(0, 2)).toEqual([
      { address: start, text: 'jmp 0x400086' },
      { address: start + 5, text: 'jmp 0x400090' },
    ]);
  });

  it('jumps short and far on x86-64', () => {
    const label = { name: 'middle' };
    const jumps = [x86.jmp, x86.jcc.eq, x86.call];
    const reaches = jumps.map((forms) => ({ target: label, forms }));
    const fragments = [...reaches, { label }, ...reaches, filler(130), ...reaches];
    const shown = disassemble(link(fragments).bytes, start, 'x86_64');
    const text = shown.map((line) => line.text).filter((line) => line !== 'nop');
    const target = '0x400009';
    const expected = [`jmp ${target}`, `je ${target}`, `call ${target}`];
    expect(text).toEqual([...expected, ...expected, ...expected]);
  });

  it('jumps and addresses near and far on arm64', () => {
    const label = { name: 'far' };
    const reaches = [
      arm.b,
      arm.bl,
      arm.bCond.le,
      arm.cb('ne', 3),
      arm.tb('ge', 4),
      arm.addressForms(5, start + 1),
    ].map((forms, at) => ({ target: at === 5 ? start + 1 : label, forms }));
    const far = 2 << 20;
    // Zeroes, which objdump leaves out.
    const zeroes = new Array<number>(far).fill(0);
    const fragments = [...reaches, { label }, [0x1f, 0x20, 0x03, 0xd5], zeroes, ...reaches];
    const shown = disassemble(link(fragments).bytes, start, 'aarch64');
    expect(shown.map(({ address, text }) => `${address.toString(16)} ${text}`)).toEqual([
      '400000 b 0x400018',
      '400004 bl 0x400018',
      '400008 b.le 0x400018',
      '40000c cbnz x3, 0x400018',
      '400010 tbz x4, #63, 0x400018',
      '400014 adr x5, 0x400001',
      '400018 nop',
      '60001c b 0x400018',
      '600020 bl 0x400018',
      '600024 b.gt 0x60002c',
      '600028 b 0x400018',
      '60002c cbz x3, 0x600034',
      '600030 b 0x400018',
      '600034 tbnz x4, #63, 0x60003c',
      '600038 b 0x400018',
      '60003c mov x5, #0x1',
      '600040 movk x5, #0x40, lsl #16',
    ]);
  });

  it('refuses what it cannot place', () => {
    const label = { name: 'here' };
    const reach = { target: label, forms: x86.jmp };
    expect(() => link([reach])).toThrow('Label here is not placed');
    expect(() => link([{ label }, { label }])).toThrow('Label here is placed twice');
    const short = { target: label, forms: x86.jmp.slice(0, 1) };
    expect(() => link([short, filler(200), { label }])).toThrow('No jump spans 202 bytes');
  });
});

it('fitsSigned knows the bounds of a field', () => {
  expect([-129, -128, 127, 128].map((value) => fitsSigned(value, 8))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
