import {
  AT_FDCWD,
  Cell,
  CLONE_NEWPID,
  compare,
  errnoMessages,
  Memory,
  Parameter,
  text,
} from '@oci/kernel';
import {
  type Assembly,
  type Instruction,
  lower,
  Recorder,
  type RecorderOptions,
} from '@oci/launcher';
import { describe, expect, it } from 'vitest';

type Of<Op extends Instruction['op']> = Extract<Instruction, { readonly op: Op }>;

const id = new Parameter('id', { positional: true });
const root = new Parameter('root', { fallback: '/run' });

function recorder(options: Partial<RecorderOptions> = {}): Recorder {
  return new Recorder({
    name: 'program',
    architecture: 'x86_64',
    parameters: [id, root],
    ...options,
  });
}

function assembly(body: (k: Recorder) => void, options: Partial<RecorderOptions> = {}): Assembly {
  const k = recorder(options);
  k.lane('host', { by: 'message' }, () => body(k));
  return lower(k.program);
}

const all = <Op extends Instruction['op']>({ instructions }: Assembly, op: Op) =>
  instructions.filter((instruction): instruction is Of<Op> => instruction.op === op);

/** The instructions of the lane itself, without what is laid out for failures. */
function straight({ instructions }: Assembly): readonly Instruction[] {
  const start = instructions.findIndex(
    ({ op, ...rest }) => op === 'label' && isNamed(rest, 'host'),
  );
  const end = instructions.findIndex(
    (instruction, index) =>
      index > start && instruction.op === 'syscall' && instruction.call === 'exit_group',
  );
  return instructions.slice(start + 1, end);
}

function isNamed(rest: object, name: string): boolean {
  return 'label' in rest && (rest.label as { name: string }).name === name;
}

const syscalls = (instructions: readonly Instruction[]) =>
  instructions.filter((instruction): instruction is Of<'syscall'> => instruction.op === 'syscall');

/** The NUL-terminated string at an address of the constants. */
function stringAt({ constants }: Assembly, address: unknown): string {
  const { section, offset } = address as { section: string; offset: number };
  expect(section).toBe('constants');
  return Buffer.from(constants).toString('utf8', offset, constants.indexOf(0, offset));
}

/** How often a whole string is among the constants. */
function occurrences({ constants }: Assembly, words: string): number {
  return Buffer.from(constants).toString('latin1').split(`\0${words}\0`).length - 1;
}

describe('a call', () => {
  it('has its constants as operands, and strings by their address', () => {
    const lowered = assembly((k) => k.mkdirat(k.cwd, '/a', 0o755));
    const [call] = syscalls(straight(lowered));
    expect(call).toMatchObject({ call: 'mkdirat', args: [AT_FDCWD, expect.anything(), 0o755] });
    expect(stringAt(lowered, call?.args[1])).toBe('/a');
  });

  it('shares equal strings with others', () => {
    const lowered = assembly((k) => {
      k.mkdirat(k.cwd, '/a', 0);
      k.chdir('/a');
    });
    const [first, second] = syscalls(straight(lowered));
    expect(second?.args[0]).toBe(first?.args[1]);
  });

  it.each([
    ['a path', (k: Recorder) => k.chdir('/a\0b')],
    ['a text with holes', (k: Recorder) => k.chdir(text`/a\0b/${id}`)],
    ['what is written', (k: Recorder) => k.writeText(1, 'a\0b')],
    ['an argument', (k: Recorder) => k.execve('/a', ['a', 'b\0c'], [])],
  ])('with a NUL byte in %s is refused', (_, body) => {
    expect(() => assembly(body)).toThrow(/^NUL byte in "/);
  });

  it('whose result nobody reads shares its place with all of those', () => {
    const lowered = assembly((k) => {
      k.getpid();
      const read = k.getppid();
      k.writeText(1, 'x');
      k.close(read);
    });
    const [pid, parent, write, close] = syscalls(straight(lowered)).map(({ result }) => result);
    expect([write, close]).toEqual([pid, pid]);
    expect(parent).not.toBe(pid);
    expect(syscalls(straight(lowered)).at(-1)?.args).toEqual([parent]);
  });

  it.each([
    ['an argument', (k: Recorder, cell: Cell) => k.close(cell)],
    ['a text', (k: Recorder, cell: Cell) => k.chdir(text`/${cell}`)],
    ['a struct', (k: Recorder, cell: Cell) => k.mount_setattr(3, '', 0, { userns: cell })],
    ['an argument vector', (k: Recorder, cell: Cell) => k.execve('/a', [text`${cell}`], [])],
    ['a condition', (k: Recorder, cell: Cell) => k.when(compare(0, '<', cell), () => {})],
    ['arithmetic', (k: Recorder, cell: Cell) => k.compute(1, '+', cell)],
    ['an offset', (k: Recorder, cell: Cell) => k.load(k.memory('m', 8), cell, 1)],
    ['memory', (k: Recorder, cell: Cell) => k.store(k.memory('m', 8), 0, 1, cell)],
    ['an undo', (k: Recorder, cell: Cell) => k.undo(() => k.close(cell))],
    ['a report', (k: Recorder, cell: Cell) => k.raise(0, cell)],
  ])('keeps a result that is read by %s', (_, reading) => {
    let read: Cell | undefined;
    const lowered = assembly((k) => {
      read = k.openat(k.cwd, '/a', 0) as Cell;
      reading(k, read);
    });
    expect(syscalls(straight(lowered))[0]?.result).toBe(read);
  });

  it('keeps a result that another lane reads', () => {
    const k = recorder();
    let fd: Cell | undefined;
    k.lane('host', { by: 'message' }, () => {
      fd = k.openat(k.cwd, '/a', 0) as Cell;
    });
    k.lane('container', { by: 'message' }, () => k.close(fd ?? 0));
    expect(syscalls(straight(lower(k.program)))[0]?.result).toBe(fd);
  });
});

describe('a text', () => {
  it('that is a parameter is where the command line has it', () => {
    const lowered = assembly((k) => {
      k.chdir(id);
      k.mkdirat(k.cwd, root, 0);
    });
    const [chdir, mkdir] = syscalls(straight(lowered));
    expect(chdir?.args[0]).toMatchObject({ name: 'id' });
    expect(mkdir?.args[1]).toMatchObject({ name: 'root' });
    // Where the default comes from.
    const given = all(lowered, 'move').filter(({ to }) => to === mkdir?.args[1]);
    expect(stringAt(lowered, given[0]?.from)).toBe('/run');
  });

  it('with holes is put together right before its call, in bytes that all calls share', () => {
    const lowered = assembly((k) => {
      k.chdir(text`/proc/${k.getppid()}`);
      k.chdir(text`/proc/${k.getpid()}`);
    });
    const calls = syscalls(straight(lowered));
    const [, first, pid, second] = calls;
    expect(calls.map(({ call }) => call)).toEqual(['getppid', 'chdir', 'getpid', 'chdir']);
    expect(first?.args[0]).toMatchObject({ section: 'data' });
    expect(second?.args[0]).toBe(first?.args[0]);
    const lane = straight(lowered);
    const between = lane.slice(
      lane.indexOf(pid as Instruction),
      lane.indexOf(second as Instruction),
    );
    expect(between.some((each) => each.op === 'move' && each.from === second?.args[0])).toBe(true);
  });

  it('does not overwrite another of the same call', () => {
    const lowered = assembly((k) => {
      const pid = k.getpid();
      k.renameat2(3, text`a${pid}`, 3, text`b${pid}`);
    });
    const rename = syscalls(straight(lowered)).at(-1);
    expect(rename?.args[1]).not.toEqual(rename?.args[3]);
  });

  it('that may be long has room for all of it', () => {
    const long = 'x'.repeat(10_000);
    const alone = assembly((k) => k.chdir(text`${long}${k.getpid()}`));
    const [call] = syscalls(straight(alone)).slice(-1);
    expect(alone.zeroed).toBeGreaterThan(10_000);
    const filled = assembly((k) => k.chdir(text`${long}${k.getpid()}${id}${root}`));
    expect(filled.zeroed - alone.zeroed).toBeGreaterThanOrEqual(2 * 4095);
    expect(call?.args[0]).toMatchObject({ section: 'data' });
  });

  it('is as long as is written', () => {
    const lowered = assembly((k) => {
      k.writeText(1, 'héé');
      k.writeText(1, text`${id}`);
    });
    const [known, filled] = syscalls(straight(lowered));
    // Counted down while the kernel takes it in pieces.
    const left = (call: typeof known) =>
      straight(lowered).find((each) => 'to' in each && each.to === call?.args[2]);
    expect(left(known)).toMatchObject({ op: 'move', from: 5 });
    expect(left(filled)).toMatchObject({ op: 'sub', right: filled?.args[1] });
  });
});

describe('a struct', () => {
  it('of constants is a constant', () => {
    const lowered = assembly((k) =>
      k.openat2(3, 'a', { flags: 0x20_0000, mode: 0, resolve: 0x10 }),
    );
    const [, , how] = syscalls(straight(lowered))[0]?.args ?? [];
    const { section, offset } = how as { section: string; offset: number };
    expect(section).toBe('constants');
    const bytes = Buffer.from(lowered.constants);
    const words = [0, 8, 16].map((field) => bytes.readBigUInt64LE(offset + field));
    expect(words).toEqual([0x20_0000n, 0n, 0x10n]);
    expect(offset % 8).toBe(0);
  });

  it('with a result in it is filled before its call', () => {
    const lowered = assembly((k) => k.mount_setattr(3, '', 0, { set: 1, userns: k.getpid() }));
    const [, call] = syscalls(straight(lowered));
    const attributes = call?.args[3] as { section: 'data'; offset: number };
    expect(attributes.section).toBe('data');
    expect(lowered.data[attributes.offset]).toBe(1);
    const lane = straight(lowered);
    expect(lane[lane.indexOf(call as Instruction) - 1]).toMatchObject({
      op: 'store',
      base: attributes,
      offset: 24,
      width: 8,
    });
  });

  it('points to what is laid out elsewhere', () => {
    const lowered = assembly((k) => k.execve('/bin/a', ['a', 'b'], []));
    const vector = syscalls(straight(lowered))[0]?.args[1] as { section: string; offset: number };
    const pointers = lowered.references
      .filter(({ at }) => at.section === vector.section && at.offset >= vector.offset)
      .filter(({ at }) => at.offset < vector.offset + 16)
      .map(({ to }) => stringAt(lowered, to));
    expect(pointers).toEqual(['a', 'b']);
  });
});

describe('memory', () => {
  it('costs no room in the file', () => {
    const lowered = assembly((k) => k.read(3, k.memory('buffer', 100_000)));
    expect(lowered.zeroed).toBeGreaterThanOrEqual(100_000);
    expect(lowered.data.length + lowered.constants.length).toBeLessThan(20_000);
  });

  it('is the same for all that use it', () => {
    const lowered = assembly((k) => {
      const [one, other] = [k.memory('one', 8), k.memory('other', 8)];
      k.read(3, one);
      k.read(3, other);
      k.read(3, one);
    });
    const [first, second, third] = syscalls(straight(lowered)).map(({ args }) => args[1]);
    expect(third).toBe(first);
    expect(second).not.toEqual(first);
  });
});

describe('a failure', () => {
  it('has one message for all that would say the same', () => {
    const lowered = assembly((k) =>
      k.doing('tidy up', () => {
        k.close(3);
        k.close(4);
        k.fchdir(5);
      }),
    );
    for (const part of ['tidy up: ', 'close', 'fchdir']) expect(occurrences(lowered, part)).toBe(1);
    // They share the code that leads to it, too.
    const stops = all(lowered, 'move').filter(({ to }) => to.name === 'failed message');
    expect(stops.map(({ from }) => from)).toEqual([0x1_0001, 0x1_0002]);
  });

  it('is told apart where it is undone differently', () => {
    const lowered = assembly((k) => {
      k.close(3);
      k.undo(() => k.getpid());
      k.close(3);
    });
    expect(occurrences(lowered, 'close')).toBe(1);
    const stops = all(lowered, 'move').filter(({ to }) => to.name === 'failed message');
    expect(stops.map(({ from }) => from)).toEqual([1, 1]);
  });

  it('has no message where every error is allowed', () => {
    const lowered = assembly((k) => k.close(3, { allow: 'any' }));
    expect(occurrences(lowered, 'close')).toBe(0);
    expect(straight(lowered).map(({ op }) => op)).toEqual(['syscall']);
  });

  it('cannot name a result, which has no bytes', () => {
    const body = (k: Recorder) => k.fail(text`process ${k.getpid()}`);
    expect(() => assembly(body)).toThrow('a failure message can only hold launch parameters');
  });

  it('can name memory, but not that of a lane which another one reports for', () => {
    const body = (k: Recorder) => k.fail(text`at ${k.timestamp()}`);
    expect(() => assembly(body)).not.toThrow();
    const k = recorder();
    k.lane('container', { by: 'descriptor', fd: 3 }, () => body(k));
    expect(() => lower(k.program)).toThrow('a failure message can only hold launch parameters');
  });

  it("can name the program's parameters, and no others", () => {
    expect(
      occurrences(
        assembly((k) => k.fail(text`${root}/${id}`)),
        '\x01B/\x01A',
      ),
    ).toBe(1);
    const foreign = new Parameter('foreign');
    expect(() => assembly((k) => k.fail(text`${foreign}`))).toThrow();
  });

  it('is one line, whatever was to be done', () => {
    const lowered = assembly((k) => k.doing('mount "a\nb\x01\x02"', () => k.close(3)));
    expect(occurrences(lowered, 'mount "a?b??": ')).toBe(1);
  });

  it('has every reason that the kernel knows', () => {
    const lowered = assembly((k) => k.close(3));
    for (const { message } of errnoMessages()) expect(occurrences(lowered, message)).toBe(1);
  });

  it('is undone in reverse', () => {
    const lowered = assembly((k) => {
      for (const fd of [10, 20, 30]) k.undo(() => k.close(fd));
      k.getpid();
    });
    const closed = all(lowered, 'syscall')
      .filter(({ call }) => call === 'close')
      .map(({ args }) => args[0]);
    expect(closed).toEqual([30, 20, 10]);
    expect(syscalls(straight(lowered)).map(({ call }) => call)).toEqual(['getpid']);
  });

  it('leads to the innermost attempt first', () => {
    const nothing = () => undefined;
    const lowered = assembly((k) => {
      const inner = () => k.attempt(['EPERM', 'EACCES'], () => void k.close(3), nothing);
      k.attempt(['ENOENT'], () => inner(), nothing);
    });
    const tested = all(lowered, 'branch')
      .filter(({ left, right }) => isUnused(left) && typeof right === 'number' && right < 0)
      .map(({ right }) => right);
    expect(tested).toEqual([-1, -13, -2]);
  });
});

function isUnused(operand: unknown): boolean {
  return operand instanceof Cell && operand.name === 'unused';
}

describe('a lane', () => {
  it('that nobody recorded cannot be spawned', () => {
    expect(() => assembly((k) => k.spawn('nowhere', { flags: CLONE_NEWPID }))).toThrow(
      'no lane is called nowhere',
    );
  });

  it('starts where its clone3 returned zero', () => {
    const k = recorder();
    k.lane('host', { by: 'message' }, () => k.spawn('container', { flags: 0 }));
    k.lane('container', { by: 'message' }, () => k.getpid());
    const lowered = lower(k.program);
    const branch = all(lowered, 'branch').find(({ label }) => label.name === 'container');
    expect(branch).toMatchObject({ comparison: 'eq', right: 0 });
    const start = lowered.instructions.findIndex(
      (each) => each.op === 'label' && each.label === branch?.label,
    );
    expect(lowered.instructions[start + 1]).toMatchObject({ op: 'syscall', call: 'getpid' });
  });
});

describe('an assembly', () => {
  /** A bit of everything. */
  const everything = () => {
    const log = new Parameter('log');
    const k = recorder({ parameters: [id, root, log], log: { file: log, format: 'text' } });
    k.lane('host', { by: 'message' }, () => {
      const fd = k.attempt(
        ['ENOENT'],
        () => k.openat(k.cwd, text`${root}/${id}`, 0),
        () => k.openat(k.cwd, '/', 0, 0, { allow: ['EACCES'] }),
      );
      k.undo(() => k.close(fd));
      k.when(compare(fd, '>', 0), () => k.undo(() => k.getpid()));
      k.loop((leave) => {
        k.when(compare(fd, '>', 0), leave);
        k.writeText(1, text`${k.timestamp()} ${fd}`);
      });
      k.vfork(() => {
        k.undo(() => k.getppid());
        k.execve('/a', [text`${fd}`], []);
      });
      k.spawn('container', { flags: 0, pidfd: k.memory('pidfd', 4) });
    });
    const report = { by: 'descriptor', fd: 3 } as const;
    k.lane('container', report, () => {
      k.execve('/a', [text`${id}`, 'b'], ['C=D']);
      k.fail('exec failed');
    });
    return lower(k.program);
  };

  it('starts with its entry', () => {
    const { instructions } = everything();
    expect(instructions.map(({ op }) => op).indexOf('entry')).toBe(0);
    expect(instructions.map(({ op }) => op).lastIndexOf('entry')).toBe(0);
  });

  it('places every label that it jumps to, once', () => {
    const { instructions } = everything();
    const placed = instructions.flatMap((each) => (each.op === 'label' ? [each.label] : []));
    const wanted = instructions.flatMap((each) =>
      each.op === 'jump' || each.op === 'branch' || each.op === 'call' ? [each.label] : [],
    );
    expect(new Set(placed).size).toBe(placed.length);
    for (const label of wanted) expect(placed, label.name).toContain(label);
  });

  it('stays within its cells and sections', () => {
    const lowered = everything();
    const operands = lowered.instructions.flatMap((each) => Object.values(each).flat());
    const cells = operands.filter((operand) => operand instanceof Cell);
    expect(cells.length).toBeGreaterThan(100);
    for (const { index, name } of cells) expect(index, name).toBeLessThan(lowered.cells);

    const sizes = {
      constants: lowered.constants.length,
      data: lowered.data.length + lowered.zeroed,
    };
    const addresses = operands.filter(
      (operand): operand is { section: 'constants' | 'data'; offset: number } =>
        typeof operand === 'object' && 'section' in operand,
    );
    for (const { section, offset } of [...addresses, ...lowered.references.map(({ to }) => to)])
      expect(offset).toBeLessThan(sizes[section]);
    for (const { at } of lowered.references) {
      const written = { ...sizes, data: lowered.data.length };
      expect(at.offset + 8).toBeLessThanOrEqual(written[at.section]);
      expect(at.offset % 8).toBe(0);
    }
  });

  it('of every kind of step ends where control cannot run on', () => {
    expect(['jump', 'return', 'syscall']).toContain(everything().instructions.at(-1)?.op);
  });
});

describe('what is foreign to the program', () => {
  class Other extends Memory {
    constructor() {
      super(8, 'other');
    }
  }

  // The cell that holds its address would never be set.
  it('is refused: a parameter that the program does not have', () => {
    const foreign = new Parameter('foreign');
    expect(() => assembly((k) => k.chdir(foreign))).toThrow('foreign');
  });

  it('is refused: memory of another kernel', () => {
    expect(() => assembly((k) => k.load(new Other(), 0, 8))).toThrow('other');
  });

  it('is refused: a place outside of the memory', () => {
    expect(() => assembly((k) => k.load(k.memory('m', 8), 8, 4))).toThrow(RangeError);
  });
});
