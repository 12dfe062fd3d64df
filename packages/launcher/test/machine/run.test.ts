import { O_RDONLY, SIGCHLD } from '@oci/kernel';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import type { Address, Assembly, Instruction, Operand } from '../../src/instructions.ts';
import { architectures, assembly, cell, host, run } from './tools.ts';

const [start, a, b, c, result] = [cell(0), cell(1), cell(2), cell(3), cell(4)];
const constant = (offset: number): Address => ({ section: 'constants', offset });
const data = (offset: number): Address => ({ section: 'data', offset });
const bytes = (text: string) => new TextEncoder().encode(text);

const entry: Instruction = { op: 'entry', to: start };
const write = (from: Operand, count: Operand): Instruction => ({
  op: 'syscall',
  call: 'write',
  args: [1, from, count],
  result,
});
const exit = (status: Operand): Instruction => ({
  op: 'syscall',
  call: 'exit_group',
  args: [status],
  result,
});

describe.each(architectures)('%s', (architecture) => {
  const start = (
    instructions: readonly Instruction[],
    rest: Partial<Assembly> = {},
    args: readonly string[] = [],
  ) => {
    const program = assembly([entry, ...instructions], rest);
    const ran = run(assemble(program, architecture), architecture, args);
    return { status: ran.status, signal: ran.signal, output: ran.output.toString('latin1') };
  };

  it('writes constants and exits', () => {
    const program = [write(constant(2), 5), exit(42)];
    expect(start(program, { constants: bytes('> hello') })).toEqual({
      status: 42,
      signal: null,
      output: 'hello',
    });
  });

  it('needs neither constants nor data', () => {
    expect(start([exit(7)]).status).toBe(7);
  });

  it('finds its arguments', () => {
    const program: Instruction[] = [
      { op: 'load', to: a, base: cell(0), offset: 0, width: 8 },
      { op: 'load', to: b, base: cell(0), offset: 16, width: 8 },
      write(b, 3),
      exit(a),
    ];
    expect(start(program, {}, ['one', 'two'])).toMatchObject({ status: 3, output: 'one' });
  });

  it('loads and stores every width at any offset', () => {
    const source = Uint8Array.from({ length: 32 }, (_, at) => 0xf0 ^ (at * 7));
    const expected = Buffer.alloc(4096 * 3);
    const program: Instruction[] = [
      { op: 'move', to: a, from: data(16) },
      { op: 'move', to: b, from: data(32) },
    ];
    let at = 0;
    for (const width of [1, 2, 4, 8] as const) {
      for (const offset of [-16, -9, -1, 0, 1, 2, 4, 7, 8]) {
        // Stored in full, to see that the rest of the cell is zero.
        program.push(
          { op: 'load', to: c, base: a, offset, width },
          { op: 'store', value: c, base: b, offset: at, width: 8 },
          // Over all ones, to see that no more than the width is written.
          { op: 'store', value: -1, base: data(32), offset: at + 8, width: 8 },
          { op: 'store', value: c, base: b, offset: at + 8, width },
          { op: 'load', to: c, base: data(16), offset, width },
          { op: 'store', value: c, base: b, offset: at + 16 + 3, width: 8 },
        );
        const value = source.subarray(16 + offset, 16 + offset + width);
        expected.set(value, at);
        expected.fill(0xff, at + 8, at + 16);
        expected.set(value, at + 8);
        expected.set(value, at + 16 + 3);
        at += 32;
      }
    }
    for (const offset of [4096, 8191, 10_001]) {
      program.push({ op: 'store', value: 0x1234, base: b, offset, width: 2 });
      expected.writeUInt16LE(0x1234, offset);
      program.push({ op: 'load', to: c, base: b, offset, width: 4 });
      program.push({ op: 'store', value: c, base: b, offset: offset + 100, width: 4 });
      expected.writeUInt32LE(0x1234, offset + 100);
    }
    program.push(write(data(32), expected.length), exit(0));
    const ran = start(program, { data: source, zeroed: expected.length });
    expect(ran).toEqual({ status: 0, signal: null, output: expected.toString('latin1') });
  });

  it('nests calls', () => {
    // factorial(n): calls itself until n is zero, multiplying on the way back.
    const [factorial, done, leaf] = [{ name: 'factorial' }, { name: 'done' }, { name: 'leaf' }];
    const program: Instruction[] = [
      { op: 'move', to: a, from: 5 },
      { op: 'move', to: b, from: 1 },
      { op: 'call', label: factorial },
      exit(b),
      { op: 'label', label: factorial },
      { op: 'branch', comparison: 'eq', left: a, right: 0, label: done },
      { op: 'call', label: leaf },
      { op: 'sub', to: a, left: a, right: 1 },
      { op: 'call', label: factorial },
      { op: 'label', label: done },
      { op: 'return' },
      { op: 'label', label: leaf },
      { op: 'mul', to: b, left: b, right: a },
      { op: 'return' },
    ];
    expect(start(program).status).toBe(120);
  });

  it('loops', () => {
    const loop = { name: 'loop' };
    const program: Instruction[] = [
      { op: 'label', label: loop },
      { op: 'store', value: a, base: data(0), offset: 0, width: 1 },
      { op: 'add', to: a, left: a, right: 1 },
      write(data(0), 1),
      { op: 'branch', comparison: 'below', left: a, right: 200, label: loop },
      exit(a),
    ];
    const output = Buffer.from(Array.from({ length: 200 }, (_, at) => at)).toString('latin1');
    expect(start(program, { zeroed: 8 })).toMatchObject({ status: 200, output });
  });

  it('fills in references', () => {
    // data: a struct iovec[2] of constants, then a pointer to zeroed bytes.
    const initial = new Uint8Array(40);
    initial[8] = 2;
    initial[24] = 3;
    const program: Instruction[] = [
      { op: 'syscall', call: 'writev', args: [1, data(0), 2], result },
      { op: 'load', to: a, base: constant(8), offset: 0, width: 8 },
      { op: 'load', to: a, base: a, offset: 32, width: 8 },
      { op: 'store', value: 9, base: data(44), offset: 0, width: 1 },
      { op: 'load', to: a, base: a, offset: 0, width: 4 },
      exit(a),
    ];
    const ran = start(program, {
      constants: Uint8Array.from([...bytes('abcde...'), 0, 0, 0, 0, 0, 0, 0, 0]),
      data: initial,
      zeroed: 8,
      references: [
        { at: data(0), to: constant(3) },
        { at: data(16), to: constant(0) },
        { at: data(32), to: data(44) },
        { at: constant(8), to: data(0) },
      ],
    });
    expect(ran).toMatchObject({ status: 9, output: 'deabc' });
  });

  it('reaches more than 4096 cells, and large zeroed memory', () => {
    const [last, big] = [cell(69_999), data(64 << 20)];
    const bad = { name: 'bad' };
    const program: Instruction[] = [
      { op: 'branch', comparison: 'ne', left: last, right: 0, label: bad },
      { op: 'move', to: last, from: 11 },
      { op: 'move', to: a, from: 0 },
      { op: 'store', value: last, base: big, offset: 0, width: 8 },
      { op: 'load', to: a, base: big, offset: 0, width: 1 },
      { op: 'add', to: last, left: last, right: a },
      exit(last),
      { op: 'label', label: bad },
      exit(1),
    ];
    expect(start(program, { cells: 70_000, zeroed: (64 << 20) + 8 }).status).toBe(22);
  });

  it('goes on in a child with a stack of its own', () => {
    // struct clone_args: exit_signal at 32, stack at 40, stack_size at 48.
    const cloneArgs = new Uint8Array(88);
    cloneArgs[32] = SIGCHLD;
    cloneArgs[49] = 0x10;
    const [child, say] = [{ name: 'child' }, { name: 'say' }];
    const program: Instruction[] = [
      { op: 'move', to: b, from: 2 },
      // qemu-user has no clone3.
      architecture === host
        ? { op: 'syscall', call: 'clone3', args: [data(0), 88], result: a }
        : { op: 'syscall', call: 'clone', args: [SIGCHLD, data(112 + 4080), 0, 0, 0], result: a },
      { op: 'branch', comparison: 'eq', left: a, right: 0, label: child },
      { op: 'syscall', call: 'wait4', args: [a, data(96), 0, 0], result: c },
      { op: 'load', to: c, base: data(96), offset: 1, width: 1 },
      { op: 'call', label: say },
      exit(c),
      { op: 'label', label: child },
      { op: 'move', to: b, from: 1 },
      { op: 'call', label: say },
      exit(5),
      { op: 'label', label: say },
      write(constant(0), b),
      { op: 'return' },
    ];
    const ran = start(program, {
      constants: bytes('xy'),
      data: cloneArgs,
      zeroed: 16 + 4096,
      references: [{ at: data(40), to: data(112) }],
    });
    expect(ran).toEqual({ status: 5, signal: null, output: 'xxy' });
  });

  it('cannot write to its constants', () => {
    const program = [{ op: 'store', value: 1, base: constant(0), offset: 0, width: 1 } as const];
    expect(start(program, { constants: bytes('fixed') }).signal).toBe('SIGSEGV');
  });

  it('passes what failed as -errno', () => {
    const failed = { name: 'failed' };
    const program: Instruction[] = [
      { op: 'syscall', call: 'openat', args: [-100, constant(0), O_RDONLY, 0], result: a },
      { op: 'branch', comparison: 'lt', left: a, right: 0, label: failed },
      exit(0),
      { op: 'label', label: failed },
      { op: 'sub', to: a, left: 0, right: a },
      exit(a),
    ];
    expect(start(program, { constants: bytes('/no/such/file\0') }).status).toBe(2);
  });
});
