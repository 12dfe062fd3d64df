import {
  type Architecture,
  compare,
  type Fd,
  type Kernel,
  O_DIRECTORY,
  Parameter,
  type Routine,
  type Text,
  text,
  type Value,
} from '@oci/kernel';
import { assemble, lower, printProgram, Recorder } from '@oci/launcher';
import { afterAll, describe, expect, it } from 'vitest';
import { Runner } from './run-program.ts';

/** Says what it opens, and opens it. */
const opening: Routine<readonly [path: Text, prefix: Value], Fd> = {
  name: 'opened',
  body(k, path, prefix) {
    k.writeText(1, text`${prefix}${path} `);
    const fd = k.openat(k.cwd, path, O_DIRECTORY);
    k.close(fd);
    return fd;
  },
};

/** Opens by way of another routine, and looks at a link. */
const nesting: Routine<readonly [path: Text], Value> = {
  name: 'nested',
  body(k, path) {
    const fd = k.run(opening, path, 7);
    k.doing('look', () => k.readlinkat(k.cwd, path, k.memory('link', 8), { allow: ['EINVAL'] }));
    return fd;
  },
};

const failing: Routine<readonly [], undefined> = {
  name: 'failing',
  body(k) {
    k.fail('no "more"');
    return undefined;
  },
};

/** Handles one error itself. */
const handling: Routine<readonly [path: Text], Value> = {
  name: 'handled',
  body: (k, path) =>
    k.attempt(
      ['ENOTDIR'],
      () => k.run(opening, path, 8),
      () => 9,
    ),
};

function recorded(body: (k: Recorder) => void): Recorder {
  const k = new Recorder({ name: 'program', architecture: 'x86_64', parameters: [] });
  k.lane('host', { by: 'message' }, () => body(k));
  return k;
}

describe.each<Architecture>(['x86_64', 'aarch64'])('a routine on %s', (architecture) => {
  const runner = new Runner(architecture);
  afterAll(() => runner[Symbol.dispose]());
  const run = (
    body: (k: Recorder) => void,
    args: readonly string[] = [],
    parameters: readonly Parameter[] = [],
  ) => runner.run((k) => k.lane('host', { by: 'message' }, () => body(k)), args, parameters);

  it('runs with what each place gives it, and each has its own result', () => {
    const path = new Parameter('path', { positional: true });
    const { stdout, stderr } = run(
      (k) => {
        const zero = k.compute(k.getpid(), '*', 0);
        const fds = [k.run(opening, '/tmp', 1), k.run(opening, path, zero)];
        const opened = fds.map((fd) => k.compute(fd, '-', fds[0] ?? 0));
        k.writeText(1, text`${opened[0] ?? ''} ${opened[1] ?? ''}`);
      },
      ['/usr'],
      [path],
    );
    expect([stdout, stderr]).toEqual(['1/tmp 0/usr 0 0', '']);
  });

  it('fails as the place that runs it, which says what for', () => {
    const { stdout, stderr, status } = run((k) => {
      k.undo(() => k.writeText(1, 'undone'));
      k.doing('first', () => k.run(opening, '/tmp', 1));
      k.doing('second', () => k.doing('inner', () => k.run(opening, '/none', 2)));
    });
    expect(status).toBe(1);
    expect(stdout).toBe('1/tmp 2/none undone');
    expect(stderr).toBe('program: second: inner: openat: no such file or directory\n');
  });

  it('fails as the place that runs the routine that runs it', () => {
    const { stderr } = run((k) => k.doing('outer', () => k.run(nesting, '/none')));
    expect(stderr).toBe('program: outer: openat: no such file or directory\n');
  });

  it('says what it was doing itself last', () => {
    const looking: typeof nesting = {
      name: 'looking',
      body: (k, path) => k.doing('look', () => k.readlinkat(k.cwd, path, k.memory('link', 8))),
    };
    const { stderr } = run((k) => k.doing('outer', () => k.run(looking, '/tmp')));
    expect(stderr).toBe('program: outer: look: readlinkat: invalid argument\n');
  });

  it('fails with words of its own', () => {
    const { stderr, status } = run((k) => k.doing('outer', () => k.run(failing)));
    expect([status, stderr]).toEqual([1, 'program: outer: no "more"\n']);
  });

  it('fails without words of its caller', () => {
    expect(run((k) => k.run(failing)).stderr).toBe('program: no "more"\n');
  });

  it('leads to the attempt around it', () => {
    const { stdout, stderr } = run((k) => {
      const found = k.attempt(
        ['ENOENT', 'ENOTDIR'],
        () => k.run(nesting, '/dev/null'),
        () => 42,
      );
      k.writeText(1, text`${found} `);
      k.run(opening, '/tmp', 3);
    });
    expect([stdout, stderr]).toEqual(['7/dev/null 42 3/tmp ', '']);
  });

  it('fails where the attempt around it names other errors', () => {
    const { stderr } = run((k) =>
      k.doing('try', () =>
        k.attempt(
          ['EPERM'],
          () => k.run(opening, '/none', 1),
          () => 42,
        ),
      ),
    );
    expect(stderr).toBe('program: try: openat: no such file or directory\n');
  });

  it('handles errors of its own', () => {
    const { stdout, stderr } = run((k) => {
      const fds = [k.run(handling, '/dev/null'), k.compute(k.run(handling, '/tmp'), '*', 0)];
      k.writeText(1, text`${fds[0] ?? ''} ${fds[1] ?? ''}`);
      k.doing('last', () => k.run(handling, '/none'));
    });
    expect(stdout).toBe('8/dev/null 8/tmp 9 08/none ');
    expect(stderr).toBe('program: last: openat: no such file or directory\n');
  });

  it('that fails in an undo changes nothing of what is told', () => {
    const { stdout, stderr } = run((k) => {
      k.undo(() => k.writeText(1, 'last'));
      k.undo(() => {
        k.run(opening, '/none', 1);
        k.run(failing);
        const found = k.attempt(
          ['ENOTDIR'],
          () => k.run(opening, '/dev/null', 2),
          () => 42,
        );
        k.writeText(1, text`${found} `);
      });
      k.doing('go', () => k.chdir('/no/such'));
    });
    expect(stdout).toBe('1/none 2/dev/null 42 last');
    expect(stderr).toBe('program: go: chdir: no such file or directory\n');
  });

  it('runs again and again in a loop', () => {
    const { stdout } = run((k) => {
      const left = k.variable('left', 3);
      k.loop((leave) => {
        k.when(compare(left.value, '==', 0), leave);
        k.run(opening, '/tmp', left.value);
        k.set(left, k.compute(left.value, '-', 1));
      });
    });
    expect(stdout).toBe('3/tmp 2/tmp 1/tmp ');
  });

  it('takes texts that have holes, and long ones', () => {
    const long = `/tmp${'/.'.repeat(3000)}`;
    const { stdout, stderr } = run((k) => {
      k.run(opening, text`/${'tmp'}/${k.memory('none', 1)}`, 1);
      k.doing('long', () => k.run(opening, long, 2));
    });
    expect(stdout).toBe(`1/tmp/ 2${long} `);
    expect(stderr).toBe('program: long: openat: file name too long\n');
  });
});

describe('memory that a text is put into', () => {
  it.each<Architecture>(['x86_64', 'aarch64'])('has it, with its NUL, on %s', (architecture) => {
    using runner = new Runner(architecture);
    const { stdout } = runner.run((k) =>
      k.lane('host', { by: 'message' }, () => {
        const memory = k.memory('memory', 32);
        k.storeText(memory, 'a long one');
        k.storeText(memory, text`<${k.compute(k.getpid(), '*', 0)}>`);
        k.writeText(1, text`${memory}`);
      }),
    );
    expect(stdout).toBe('<0>');
  });

  it('must have room for it', () => {
    expect(() => recorded((k) => k.storeText(k.memory('small', 4), 'four'))).toThrow(
      'small has no room for "four"',
    );
    expect(() => recorded((k) => k.storeText(k.memory('small', 5), 'four'))).not.toThrow();
  });
});

describe('a recorded routine', () => {
  it('is there once, however often it runs', () => {
    const places = (count: number) =>
      recorded((k) => {
        for (let n = 0; n < count; n++) k.run(opening, `/${n}`, n);
      }).program;
    expect(places(3).routines).toHaveLength(1);
    const size = (count: number) => assemble(lower(places(count)), 'x86_64').length;
    expect((size(21) - size(1)) / 20).toBeLessThan(60);
  });

  it('is printed in each place as if it were there', () => {
    const inLine = (k: Kernel, path: string) => opening.body(k, path, 7);
    const steps = (body: (k: Recorder) => void) =>
      printProgram(recorded(body).program, 'x86_64').replaceAll(/\.\d+/g, '');
    const ran = steps((k) => {
      k.doing('one', () => k.run(opening, '/a', 7));
      k.doing('two', () => k.run(opening, '/b', 7));
    });
    expect(ran).toBe(
      steps((k) => {
        k.doing('one', () => inLine(k, '/a'));
        k.doing('two', () => inLine(k, '/b'));
      }),
    );
    expect(ran).toContain('openat(AT_FDCWD, "/b", O_DIRECTORY, 0)');
  });

  it.each<[string, (k: Kernel) => void, string]>([
    ['undone', (k) => k.undo(() => k.close(3)), 'undo inside a loop, a routine or another undo'],
    ['in a child', (k) => void k.vfork(() => k.close(3)), 'a child inside a routine'],
    ['for more', (k) => k.doing('x', () => k.run(opening, '/', 1)), 'a routine cannot say'],
  ])('is refused where something is %s', (_, body, message) => {
    const routine: Routine<readonly [], undefined> = {
      name: 'refused',
      body(k) {
        body(k);
        return undefined;
      },
    };
    expect(() => recorded((k) => k.run(routine))).toThrow(message);
  });
});
