import { describe, expect, test } from 'vitest';
import { FakeKernel } from '../src/fake/index.ts';
import {
  Cell,
  compare,
  KernelError,
  Memory,
  type Operator,
  type Routine,
  type Text,
  text,
  type Value,
} from '../src/index.ts';
import { LiveKernel } from '../src/live/index.ts';

class Foreign extends Memory {
  constructor() {
    super(8, 'foreign');
  }
}

describe.each([
  ['live', () => new LiveKernel()],
  ['fake', () => new FakeKernel()],
])('a %s kernel', (_, make) => {
  const kernel = make();
  const badly = (errno: number) => {
    throw new KernelError('close', errno);
  };

  test('runs a routine', () => {
    const adding: Routine<readonly [Value, Text], Value> = {
      name: 'sum',
      body: (k, value, text) => k.compute(value, '+', text === 'more' ? 2 : 1),
    };
    expect(kernel.run(adding, 40, 'more')).toBe(42);
  });

  describe('a text in memory', () => {
    const memory = kernel.memory('memory', 8);

    test('has a NUL behind it', () => {
      kernel.storeText(memory, 'longer');
      kernel.storeText(memory, text`é${'!'}`);
      expect(String(memory.text)).toBe('é!');
      expect(kernel.load(memory, 3, 4)).toBe(Buffer.from('\0er\0').readUInt32LE());
    });

    test('must have room', () => {
      expect(() => kernel.storeText(memory, '1234567')).not.toThrow();
      expect(() => kernel.storeText(memory, '12345678')).toThrow(RangeError);
      expect(String(memory.text)).toBe('1234567');
    });
  });

  describe('attempt', () => {
    test('gives what the body gives', () => {
      expect(
        kernel.attempt(
          ['ENOENT'],
          () => 1,
          () => 2,
        ),
      ).toBe(1);
    });

    test('goes elsewhere with the named errors only', () => {
      expect(
        kernel.attempt(
          ['ENOENT', 'EPERM'],
          () => badly(2),
          () => 2,
        ),
      ).toBe(2);
      expect(() =>
        kernel.attempt(
          ['EPERM'],
          () => badly(2),
          () => 2,
        ),
      ).toThrow('no such file');
    });

    test('does not catch other errors', () => {
      const message = () =>
        kernel.attempt(
          ['ENOENT'],
          (): undefined => {
            kernel.fail('wrong');
          },
          () => undefined,
        );
      expect(message).toThrow('wrong');
    });

    test('lets an error in the other way through', () => {
      const outer = () =>
        kernel.attempt(
          ['ENOENT'],
          () => badly(2),
          () => badly(2),
        );
      expect(outer).toThrow('no such file');
      expect(kernel.attempt(['ENOENT'], outer, () => 3)).toBe(3);
    });

    test('leaves an inner error to the outer one', () => {
      const inner = () =>
        kernel.attempt(
          ['EPERM'],
          () => badly(2),
          () => 1,
        );
      expect(kernel.attempt(['ENOENT'], inner, () => 2)).toBe(2);
    });
  });

  test('when compares signed', () => {
    const holds = (...condition: Parameters<typeof compare>) => {
      let held = false;
      kernel.when(compare(...condition), () => {
        held = true;
      });
      return held;
    };
    expect(holds(-2, '<', 0)).toBe(true);
    expect(holds(2n ** 64n - 2n, '==', -2)).toBe(true);
    expect(holds(1, '>=', 2)).toBe(false);
    expect(holds(1, '!=', 2)).toBe(true);
  });

  test('when takes the other way', () => {
    const ways: string[] = [];
    kernel.when(
      compare(1, '==', 2),
      () => ways.push('then'),
      () => ways.push('otherwise'),
    );
    expect(ways).toEqual(['otherwise']);
  });

  test('leaving ends the body at once, of that loop', () => {
    const seen: string[] = [];
    const rounds = kernel.variable('rounds', 0);
    kernel.loop((leave) => {
      kernel.set(rounds, kernel.compute(rounds.value, '+', 1));
      kernel.loop((inner) => {
        seen.push(`inner ${rounds.value}`);
        inner();
        seen.push('never');
      });
      kernel.when(compare(rounds.value, '==', 2), leave);
    });
    expect(seen).toEqual(['inner 1', 'inner 2']);

    kernel.loop((outer) => kernel.loop(() => outer()));
  });

  test.each<[left: number | bigint, operator: Operator, right: number | bigint, result: number]>([
    [2, '+', 3, 5],
    [2n ** 64n - 1n, '+', 3, 2],
    [0, '-', 22, -22],
    [-1, '&', 0xff, 0xff],
    [1, '<<', 64, 1],
    [-1, '>>', 60, 15],
    [2 ** 32, '*', 2 ** 32, 0],
    [7, '/', 2, 3],
    [7, '%', 4, 3],
    [6, '|', 1, 7],
  ])('computes %s %s %s unsigned in 64 bits', (left, operator, right, result) => {
    expect(kernel.compute(left, operator, right)).toBe(result);
  });

  test('refuses what no JavaScript number holds', () => {
    expect(() => kernel.compute(1, '<<', 62)).toThrow('0x4000000000000000 fits no');
    expect(() => kernel.compute(1, '/', 0)).toThrow(RangeError);
  });

  test('memory is little-endian and zero at the start', () => {
    const memory = kernel.memory('words', 16);
    expect(kernel.load(memory, 0, 8)).toBe(0);
    kernel.store(memory, 0, 4, 0x01020304);
    kernel.store(memory, 8, 8, -2);
    kernel.store(memory, 4, 1, 0x1ff);
    expect([...memory.bytes.subarray(0, 5)]).toEqual([4, 3, 2, 1, 0xff]);
    expect(kernel.load(memory, kernel.compute(1, '+', 1), 2)).toBe(0x0102);
    expect(kernel.load(memory, 8, 8)).toBe(-2);
    expect(() => kernel.load(memory, 13, 4)).toThrow('4 bytes at 13 lie outside of words (16)');
    expect(() => kernel.store(memory, -1, 1, 0)).toThrow(RangeError);
  });

  test('only takes its own kind of memory and variables', () => {
    expect(() => kernel.load(new Foreign(), 0, 4)).toThrow(TypeError);
    expect(() => kernel.set({ value: new Cell(0, 'x') }, 1)).toThrow(TypeError);
  });

  describe('a transaction', () => {
    test('that succeeds undoes nothing', () => {
      const undone: string[] = [];
      expect(
        kernel.transaction(() => {
          kernel.undo(() => undone.push('a'));
          return 7;
        }),
      ).toBe(7);
      expect(undone).toEqual([]);
    });

    test('that fails undoes what it made, last first, and tells the first error', () => {
      const undone: string[] = [];
      const body = () =>
        kernel.transaction(() => {
          kernel.undo(() => undone.push('a'));
          kernel.undo(() => badly(1));
          kernel.transaction(() => kernel.undo(() => undone.push('b')));
          kernel.undo(() => {
            undone.push('c');
            kernel.undo(() => undone.push('never'));
          });
          badly(2);
        });
      expect(body).toThrow('no such file');
      expect(undone).toEqual(['c', 'b', 'a']);
    });

    test('within another undoes its own part only', () => {
      const undone: string[] = [];
      kernel.transaction(() => {
        kernel.undo(() => undone.push('outer'));
        kernel.attempt(
          ['ENOENT'],
          () =>
            kernel.transaction((): undefined => {
              kernel.undo(() => undone.push('inner'));
              badly(2);
            }),
          () => undefined,
        );
      });
      expect(undone).toEqual(['inner']);
    });
  });

  test('fails with a message behind what is being done', () => {
    const body = () => kernel.doing('mounts[0]', () => kernel.fail(text`no ${'proc'}`));
    expect(body).toThrow(/^mounts\[0\]: no proc$/);
    expect(() => kernel.fail('alone')).toThrow(/^alone$/);
  });

  test('tells another lane’s failure', () => {
    expect(() => kernel.doing('wait', () => kernel.raise(12, 2))).toThrow(
      /^wait: step 12: no such file or directory$/,
    );
  });
});
