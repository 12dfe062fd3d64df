import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import type { Assembly, Instruction } from '../../src/instructions.ts';
import { architectures, assembly, binutil, cell, withFile } from './tools.ts';

const [a, b] = [cell(0), cell(1)];
const entry: Instruction = { op: 'entry', to: a };
const exit: Instruction = { op: 'syscall', call: 'exit', args: [0], result: b };

const typical = assembly([entry, exit], {
  cells: 100,
  constants: new Uint8Array(3000),
  data: new Uint8Array(500),
  zeroed: 100_000,
});
const empty = assembly([entry, exit], { cells: 2 });

describe.each(architectures)('%s', (architecture) => {
  const headers = (program: Assembly) =>
    withFile(assemble(program, architecture), (path) =>
      binutil(architecture, 'readelf', ['-hlW', path]),
    );
  const segments = (program: Assembly) =>
    [
      ...headers(program).matchAll(/LOAD +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) (.{3}) 0x(\w+)$/gm),
    ].map(([, ...fields]) => {
      const number = (at: number) => Number.parseInt(fields[at] ?? '', 16);
      return {
        offset: number(0),
        address: number(1),
        fileSize: number(2),
        memorySize: number(3),
        access: fields[4],
        alignment: number(5),
      };
    });

  it('is a static executable without warnings', () => {
    const shown = headers(typical);
    expect(shown).toMatch(/Type: +EXEC/);
    expect(shown).toMatch(architecture === 'x86_64' ? /X86-64/ : /AArch64/);
    expect(shown).toMatch(/GNU_STACK .* RW /);
    expect(shown).not.toMatch(/INTERP|DYNAMIC|[Ww]arning|[Ee]rror/);
  });

  it.each([
    ['a typical launcher', typical],
    ['an empty one', empty],
  ])('lays out segments that every kernel takes: %s', (_, program) => {
    const found = segments(program);
    expect(found.map(({ access }) => access)).toEqual(['R  ', 'R E', 'RW ']);
    let end = 0x1_0000;
    for (const { offset, address, fileSize, memorySize, alignment } of found) {
      expect(alignment).toBe(architecture === 'x86_64' ? 0x1000 : 0x1_0000);
      expect(address % 0x1_0000).toBe(offset % 0x1_0000);
      // No page, of either size, belongs to two segments.
      expect(Math.floor(address / 0x1_0000)).toBeGreaterThan(Math.floor((end - 1) / 0x1_0000));
      expect(fileSize).toBeGreaterThan(0);
      expect(memorySize).toBeGreaterThanOrEqual(fileSize);
      end = address + memorySize;
    }
    expect(end).toBeLessThan(2 ** 31);
  });

  it('is little more than its content', () => {
    expect(assemble(empty, architecture).length).toBeLessThan(360);
    expect(assemble(typical, architecture).length).toBeLessThan(288 + 500 + 3000 + 100);
  });

  it('keeps what is written in one page', () => {
    const writable = segments(typical)[2];
    expect((writable?.offset ?? 0) + (writable?.fileSize ?? 0)).toBeLessThan(4096);
  });

  it.each<[string, Assembly, string]>([
    ['no entry', assembly([exit]), 'A program starts with its entry'],
    ['two entries', assembly([entry, entry]), 'A program has one entry'],
    ['cells', assembly([{ op: 'entry', to: cell(64) }]), 'Cell 64 (c64) is beyond'],
    [
      'addresses',
      assembly([entry, { op: 'move', to: a, from: { section: 'data', offset: 9 } }], { zeroed: 8 }),
      'Offset 9 is outside the data, which end at 8',
    ],
    [
      'arguments',
      assembly([entry, { op: 'syscall', call: 'read', args: [1, 2, 3, 4, 5, 6, 7], result: a }]),
      'read has more than six arguments',
    ],
    [
      'references',
      assembly([entry], {
        zeroed: 8,
        references: [
          { at: { section: 'data', offset: 0 }, to: { section: 'constants', offset: 0 } },
        ],
      }),
      'A reference at 0 is outside the data',
    ],
    ['size', assembly([entry], { zeroed: 2 ** 31 }), 'does not fit below 2 GiB'],
  ])('refuses what it cannot assemble: %s', (_, program, message) => {
    expect(() => assemble(program, architecture)).toThrow(message);
  });
});
