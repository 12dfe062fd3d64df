import {
  Cell,
  CLONE_NEWPID,
  compare,
  type Fd,
  type Kernel,
  O_DIRECTORY,
  type Operator,
  Parameter,
  SIGCHLD,
  type Struct,
  type Value,
  type Variable,
} from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { Recorder, type Step } from '@oci/launcher';
import { describe, expect, it } from 'vitest';

const newRecorder = (architecture: Kernel['architecture'] = 'x86_64') =>
  new Recorder({ name: 'program', architecture, parameters: [] });

/** The steps of one lane. */
function record(body: (k: Recorder) => void, k = newRecorder()): readonly Step[] {
  k.lane('host', { by: 'message' }, () => body(k));
  return k.program.lanes[0]?.steps ?? [];
}

function only<Kind extends Step['kind']>(kind: Kind, steps: readonly Step[]) {
  const found = steps.filter((step): step is Extract<Step, { kind: Kind }> => step.kind === kind);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} steps are a ${kind}`);
  return first;
}

const calls = (steps: readonly Step[]) =>
  steps.map((step) => (step.kind === 'call' ? step.call : step.kind));

describe('a recorded call', () => {
  it('is a step with its arguments, and its result a cell', () => {
    let fd: Fd = 0;
    const steps = record((k) => {
      fd = k.openat(k.cwd, '/a', 0, 0, { allow: ['ENOENT', 'EACCES'] });
      k.close(fd);
    });
    expect(fd).toBeInstanceOf(Cell);
    expect(steps).toEqual([
      {
        kind: 'call',
        call: 'openat',
        args: [-100, '/a', 0, 0],
        result: fd,
        allow: [2, 13],
        doing: [],
      },
      {
        kind: 'call',
        call: 'close',
        args: [fd],
        result: new Cell(1, 'close'),
        allow: [],
        doing: [],
      },
    ]);
  });

  it('may be allowed to fail in any way', () => {
    const steps = record((k) => k.unlinkat(3, 'a', 0, { allow: 'any' }));
    expect(only('call', steps).allow).toBe('any');
  });

  it("has the open flags of the program's architecture", () => {
    const flags = (k: Recorder) =>
      only(
        'call',
        record(() => k.openat(k.cwd, '/', O_DIRECTORY), k),
      ).args[2];
    expect(flags(newRecorder('x86_64'))).toBe(0o200000);
    expect(flags(newRecorder('aarch64'))).toBe(0o40000);
  });

  it('knows what it is made for, outermost first', () => {
    const steps = record((k) => {
      k.doing('a', () => {
        k.getpid();
        k.doing('b', () => k.getpid());
        k.fail('no');
      });
      k.writeText(1, 'x');
    });
    const doing = steps.map((step) => ('doing' in step ? step.doing : undefined));
    expect(doing).toEqual([['a'], ['a', 'b'], ['a'], []]);
  });

  it('is not made for what an error of stage code ended', () => {
    const steps = record((k) => {
      const broken = () =>
        k.doing('a', () => {
          throw new Error('stage code is wrong');
        });
      expect(broken).toThrow('stage code is wrong');
      k.getpid();
    });
    expect(only('call', steps).doing).toEqual([]);
  });
});

describe('arithmetic', () => {
  const operators: readonly Operator[] = ['+', '-', '*', '/', '%', '&', '|', '<<', '>>'];
  const numbers = [0, 1, 2, 7, 63, 64, 4096, 2 ** 31, 2 ** 53 - 1, 2n ** 63n, 2n ** 64n - 1n];

  it.each(operators)('of constants is done at once, as live: %s', (operator) => {
    const live = new FakeKernel();
    for (const left of numbers)
      for (const right of numbers) {
        if (right === 0 && (operator === '/' || operator === '%')) continue;
        let result: number | Cell = 0;
        const steps = record((k) => {
          result = k.compute(left, operator, right);
        });
        if (typeof result === 'number') {
          expect([left, right, result]).toEqual([left, right, live.compute(left, operator, right)]);
          expect(steps).toEqual([]);
        } else {
          expect(steps).toEqual([{ kind: 'compute', to: result, left, operator, right }]);
        }
      }
  });

  // As signed words, -7 / 8 would be 0.
  it.each([
    [-7, '/', 8],
    [10, '%', -3],
    [-10, '%', 5],
  ] as const)('of negative constants is unsigned, as live: %d %s %d', (left, operator, right) => {
    let result: number | Cell = 0;
    record((k) => {
      result = k.compute(left, operator, right);
    });
    if (typeof result === 'number')
      expect(result).toBe(new FakeKernel().compute(left, operator, right));
  });

  it('keeps what fits no number for the program', () => {
    const steps = record((k) => {
      expect(k.compute(2 ** 53 - 1, '+', 0)).toBe(2 ** 53 - 1);
      expect(k.compute(2 ** 53 - 1, '+', 1)).toBeInstanceOf(Cell);
      expect(k.compute(0, '-', 1)).toBeInstanceOf(Cell);
      expect(k.compute(-1, '+', 1)).toBe(0);
    });
    expect(steps.map(({ kind }) => kind)).toEqual(['compute', 'compute']);
  });

  it('with a cell is a step, whichever side it is on', () => {
    const steps = record((k) => {
      const pid = k.getpid();
      expect(k.compute(pid, '+', 0)).toBeInstanceOf(Cell);
      expect(k.compute(0, '*', pid)).toBeInstanceOf(Cell);
    });
    expect(calls(steps)).toEqual(['getpid', 'compute', 'compute']);
  });

  it('refuses to divide by a constant zero', () => {
    expect(() => record((k) => k.compute(1, '/', 0))).toThrow(RangeError);
    expect(() => record((k) => k.compute(1, '%', 0n))).toThrow(RangeError);
  });
});

describe('an attempt', () => {
  it('has one result, which both ways set', () => {
    let result: Value | undefined;
    let opened: Value | undefined;
    const steps = record((k) => {
      result = k.attempt<Value>(
        ['ENOENT', 'EPERM'],
        () => {
          opened = k.openat(k.cwd, '/a', 0);
          return opened;
        },
        () => 7,
      );
    });
    expect(result).toBeInstanceOf(Cell);
    const { errnos, body, otherwise } = only('attempt', steps);
    expect(errnos).toEqual([2, 1]);
    expect(body.map(({ kind }) => kind)).toEqual(['call', 'set']);
    expect(body[1]).toEqual({ kind: 'set', to: result, value: opened });
    expect(otherwise).toEqual([{ kind: 'set', to: result, value: 7 }]);
  });

  it('without values has no result', () => {
    const nothing = (k: Kernel) => () => {
      k.getpid();
      return undefined;
    };
    const steps = record((k) =>
      expect(k.attempt(['EPERM'], nothing(k), nothing(k))).toBeUndefined(),
    );
    const { body, otherwise } = only('attempt', steps);
    expect([calls(body), calls(otherwise)]).toEqual([['getpid'], ['getpid']]);
  });

  it('can be within another', () => {
    const steps = record((k) => {
      const value = k.attempt<Fd>(
        ['EPERM'],
        () =>
          k.attempt<Fd>(
            ['EACCES'],
            () => 1,
            () => 2,
          ),
        () => 3,
      );
      k.close(value);
    });
    const { body, otherwise } = only('attempt', steps);
    const inner = only('attempt', body);
    const outer = only('set', otherwise).to;
    expect(only('set', inner.body).to).toBe(only('set', inner.otherwise).to);
    expect(only('set', body)).toEqual({
      kind: 'set',
      to: outer,
      value: only('set', inner.body).to,
    });
    expect(only('call', steps).args).toEqual([outer]);
  });
});

describe('a body', () => {
  it('is recorded where it belongs, and what follows behind it', () => {
    const steps = record((k) => {
      k.when(
        compare(1, '==', 2),
        () => k.getpid(),
        () => k.getppid(),
      );
      k.when(compare(1, '<', 2), () => k.umask(0));
      k.loop((leave) => {
        k.setsid();
        leave();
      });
      k.undo(() => k.close(3));
      k.chdir('/');
    });
    expect(calls(steps)).toEqual(['when', 'when', 'loop', 'undo', 'chdir']);
    const [first, second] = steps.filter((step) => step.kind === 'when');
    expect([first?.body, first?.otherwise].map((part) => part && calls(part))).toEqual([
      ['getpid'],
      ['getppid'],
    ]);
    expect(second?.otherwise).toEqual([]);
    expect(calls(only('loop', steps).body)).toEqual(['setsid', 'leave']);
    expect(calls(only('undo', steps).body)).toEqual(['close']);
  });

  it('leaves the loop that it was given the way out of', () => {
    const steps = record((k) =>
      k.loop((leaveOuter) =>
        k.loop((leaveInner) => {
          leaveInner();
          leaveOuter();
        }),
      ),
    );
    const outer = only('loop', steps);
    const inner = only('loop', outer.body);
    expect(inner.body).toEqual([
      { kind: 'leave', name: inner.name },
      { kind: 'leave', name: outer.name },
    ]);
    expect(inner.name).not.toBe(outer.name);
  });

  it('that throws does not swallow what follows', () => {
    const steps = record((k) => {
      const broken = () =>
        k.undo(() => {
          k.getpid();
          throw new Error('stage code is wrong');
        });
      expect(broken).toThrow('stage code is wrong');
      k.getppid();
    });
    expect(calls(steps)).toEqual(['getppid']);
  });
});

describe('undo', () => {
  it('stays between the calls that it was recorded between', () => {
    const steps = record((k) => {
      k.mkdirat(3, 'a', 0o700);
      k.undo(() => k.unlinkat(3, 'a'));
      k.mkdirat(3, 'b', 0o700);
      k.undo(() => k.unlinkat(3, 'b'));
      k.getpid();
    });
    expect(calls(steps)).toEqual(['mkdirat', 'undo', 'mkdirat', 'undo', 'getpid']);
  });
});

describe('a variable', () => {
  it('is a cell that is set first, and again', () => {
    const steps = record((k) => {
      const count = k.variable('count', 3);
      k.set(count, k.compute(count.value, '+', 1));
    });
    const count = new Cell(0, 'count');
    const sum = new Cell(1, '+');
    expect(steps).toEqual([
      { kind: 'set', to: count, value: 3 },
      { kind: 'compute', to: sum, left: count, operator: '+', right: 1 },
      { kind: 'set', to: count, value: sum },
    ]);
  });

  const foreign = (make: () => Variable) => () =>
    record((k) => {
      k.variable('mine', 0);
      k.set(make(), 1);
    });

  it('of a live kernel is refused', () => {
    expect(foreign(() => new LiveKernel().variable('theirs', 0))).toThrow(TypeError);
  });

  // Its cell's index would mean another cell here.
  it('of another recorder is refused', () => {
    expect(foreign(() => newRecorder().variable('theirs', 0))).toThrow(TypeError);
  });
});

describe('a program', () => {
  it('counts its cells, no two of which are the same', () => {
    const k = newRecorder();
    const cells: unknown[] = [];
    for (const lane of ['host', 'container'])
      k.lane(lane, { by: 'message' }, () => {
        cells.push(k.getpid(), k.compute(k.getppid(), '+', 1), k.variable('v', 0).value);
      });
    const indexes = cells.map((cell) => (cell as Cell).index);
    expect(new Set(indexes).size).toBe(6);
    expect(Math.max(...indexes)).toBe(k.program.cells - 1);
  });

  it('asks for the reporting of a lane when that is recorded', () => {
    const k = newRecorder();
    let fd: Fd = 0;
    k.lane(
      'host',
      () => ({ by: 'descriptor', fd }),
      () => {
        fd = k.openat(k.cwd, '/a', 0);
      },
    );
    expect(fd).toBeInstanceOf(Cell);
    expect(k.program.lanes[0]?.reporting).toEqual({ by: 'descriptor', fd });
  });

  it('has its options in it', () => {
    const file = new Parameter('log');
    const log = { file, format: 'json' } as const;
    const options = { name: 'x', architecture: 'x86_64', parameters: [file], log } as const;
    expect(new Recorder(options).program).toEqual({
      name: 'x',
      lanes: [],
      routines: [],
      parameters: [file],
      cells: 0,
      log,
    });
    expect(newRecorder().program).not.toHaveProperty('log');
  });

  it.each<[string, (k: Recorder) => void]>([
    ['a loop', (k) => k.loop(() => k.undo(() => k.close(3)))],
    ['another undo', (k) => k.undo(() => k.undo(() => k.close(3)))],
  ])('has no undo in %s, which would be lost', (_, body) => {
    expect(() => record(body)).toThrow('undo inside a loop, a routine or another undo');
  });

  it.each(['/', '%'] as const)('has no %s by a result, which may be zero', (operator) => {
    expect(() => record((k) => k.compute(1, operator, k.getpid()))).toThrow(
      'only a constant can divide',
    );
  });

  it('spawns a lane by a clone3', () => {
    let child: Value = 0;
    const steps = record((k) =>
      k.doing('split', () => {
        child = k.spawn('container', { flags: CLONE_NEWPID, exitSignal: SIGCHLD });
      }),
    );
    const { lane, args, result, doing } = only('spawn', steps);
    expect({ lane, result, doing }).toEqual({ lane: 'container', result: child, doing: ['split'] });
    const fields = (args[0] as Struct).fields.filter(({ value }) => value !== 0);
    expect(fields.map(({ name, value }) => [name, value])).toEqual([
      ['flags', CLONE_NEWPID],
      ['exit_signal', SIGCHLD],
    ]);
    expect(args[1]).toBe(64);
  });
});
