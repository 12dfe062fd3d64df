import { readFileSync, rmSync } from 'node:fs';
import { type Architecture, compare, Parameter, SOCK_SEQPACKET, text } from '@oci/kernel';
import { afterAll, describe, expect, it } from 'vitest';
import { Runner } from './run-program.ts';

const ID = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.';

describe.each<Architecture>(['x86_64', 'aarch64'])('a program on %s', (architecture) => {
  const runner = new Runner(architecture);
  afterAll(() => runner[Symbol.dispose]());

  /** Runs one lane that reports by message. */
  const run = (
    body: Parameters<Runner['run']>[0],
    args: readonly string[] = [],
    parameters: readonly Parameter[] = [],
  ) => runner.run((k) => k.lane('host', { by: 'message' }, () => body(k)), args, parameters);

  it('fills templates with cells and parameters', () => {
    const id = new Parameter('id', { positional: true });
    const outcome = run(
      (k) => {
        const fd = k.openat(k.cwd, '/dev/null', 0);
        k.writeText(1, text`[${id}] ${k.compute(fd, '-', fd)} ${k.compute(fd, '+', 123_456_789)}`);
        k.writeText(1, '\nplain\n');
      },
      ['x y'],
      [id],
    );
    expect(outcome.stdout).toMatch(/^\[x y\] 0 1234567\d\d\nplain\n$/);
    expect(outcome.status).toBe(0);
  });

  it('writes texts longer than are stored by words', () => {
    const long = 'long '.repeat(40);
    const outcome = run((k) =>
      k.writeText(1, text`${k.umask(0) ?? ''}<${long}${k.compute(k.getpid(), '*', 0)}>`),
    );
    expect(outcome.stdout).toBe(`<${long}0>`);
  });

  it('chooses by what happened', () => {
    const outcome = run((k) => {
      const missing = k.openat(k.cwd, '/nonexistent', 0, 0, { allow: ['ENOENT'] });
      k.when(compare(missing, '==', -2), () => k.writeText(1, 'ENOENT '));
      const found = k.attempt(
        ['ENOENT', 'EACCES'],
        () => k.openat(k.cwd, '/nonexistent', 0),
        () => k.compute(k.getppid(), '*', 0),
      );
      k.writeText(1, text`instead ${found} `);
      k.when(
        compare(found, '>', 0),
        () => k.writeText(1, 'wrong'),
        () => k.writeText(1, 'right'),
      );
    });
    expect(outcome).toEqual({ status: 0, stdout: 'ENOENT instead 0 right', stderr: '' });
  });

  it('leaves the innermost attempt that names the error', () => {
    const outcome = run((k) => {
      const say = (words: string) => () => {
        k.writeText(1, words);
        return undefined;
      };
      k.attempt(
        ['ENOENT'],
        () =>
          k.attempt(
            ['EACCES'],
            () => {
              k.openat(k.cwd, '/nonexistent', 0);
              return say('unreachable')();
            },
            say('inner'),
          ),
        say('outer'),
      );
    });
    expect(outcome.stdout).toBe('outer');
  });

  it('repeats until left, in nested loops', () => {
    const outcome = run((k) => {
      const outer = k.variable('outer', 0);
      k.loop((leave) => {
        const inner = k.variable('inner', 0);
        k.loop((leaveInner) => {
          k.set(inner, k.compute(inner.value, '+', 1));
          k.writeText(1, text`${outer.value}${inner.value} `);
          k.when(compare(inner.value, '>=', 2), leaveInner);
        });
        k.set(outer, k.compute(outer.value, '+', 1));
        k.when(compare(outer.value, '==', 3), leave);
      });
    });
    expect(outcome.stdout).toBe('01 02 11 12 21 22 ');
  });

  it('reads and writes memory', () => {
    const outcome = run((k) => {
      const ends = k.memory('ends', 8);
      const got = k.memory('got', 16);
      k.pipe2(ends, 0);
      k.writeText(k.load(ends, 4, 4), 'through');
      const length = k.read(k.load(ends, 0, 4), got);
      k.writeText(1, text`${length} ${got} `);
      k.store(got, 2, 1, 0);
      const at = k.compute(length, '-', 7);
      k.store(got, at, 1, 0x54);
      k.writeText(1, text`${got} ${k.load(got, 0, 2)}`);
    });
    expect(outcome.stdout).toBe(`7 through Th ${0x68_54}`);
  });

  it('says what failed and why, after unmaking what it made', () => {
    const outcome = run((k) => {
      k.undo(() => k.writeText(1, 'first '));
      k.when(compare(k.getppid(), '==', 0), () => k.undo(() => k.writeText(1, 'never ')));
      k.when(compare(k.getppid(), '>', 0), () => k.undo(() => k.writeText(1, 'second ')));
      k.undo(() => {
        k.close(1000);
        k.writeText(1, 'third ');
      });
      k.doing('mounts[0]: mount "x"', () => k.doing('find it', () => k.openat(k.cwd, '/none', 0)));
      k.undo(() => k.writeText(1, 'too late'));
    });
    expect(outcome).toEqual({
      status: 1,
      stdout: 'third second first ',
      stderr: 'program: mounts[0]: mount "x": find it: openat: no such file or directory\n',
    });
  });

  it('fails with a message of its own, on one line', () => {
    const id = new Parameter('id', { positional: true });
    const outcome = run((k) => k.fail(text`exec: "a\nb": container ${id}`), ['x'], [id]);
    expect(outcome.stderr).toBe('program: exec: "a?b": container x\n');
    expect(outcome.status).toBe(1);
  });

  it('fails with names from a bundle that are long, or try to be markup', () => {
    const id = new Parameter('id', { positional: true });
    const name = `\u0001\u0002${'x'.repeat(100_000)}\u0001`;
    const outcome = run((k) => k.doing(name, () => k.openat(k.cwd, '/none', 0)), ['id'], [id]);
    const shown = `??${'x'.repeat(100_000)}?`;
    expect(outcome.stderr).toBe(`program: ${shown}: openat: no such file or directory\n`);
  });

  it.each(['descriptor', 'write'] as const)(
    'goes on in another lane, whose report it can pass on: by %s',
    (by) => {
      const outcome = runner.run((k) => {
        const ends = k.memory('ends', 8);
        const report = k.memory('report', 16);
        let writeEnd: ReturnType<typeof k.load>;
        k.lane('parent', { by: 'message' }, () => {
          k.socketpair(SOCK_SEQPACKET, ends);
          writeEnd = k.load(ends, 4, 4);
          // qemu's user emulation has no clone3, so the lane is tested without a new process there.
          if (architecture === 'x86_64') {
            const child = k.spawn('child', { flags: 0, exitSignal: 17 });
            k.wait4(child, null, 0);
          } else {
            k.doing('in the child', () => k.openat(k.cwd, '/gone', 0));
          }
          k.read(k.load(ends, 0, 4), report);
          k.raise(k.load(report, 0, 8), k.load(report, 8, 8));
        });
        k.lane(
          'child',
          () => ({ by, fd: writeEnd }),
          () => k.doing('in the child', () => k.openat(k.cwd, '/gone', 0)),
        );
      });
      expect(outcome.stderr).toBe('program: in the child: openat: no such file or directory\n');
    },
  );

  it('knows the time', () => {
    const before = Date.now();
    const { stdout } = run((k) => k.writeText(1, text`${k.timestamp()}`));
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    const now = Date.parse(`${stdout.slice(0, 23)}Z`);
    expect(now).toBeGreaterThanOrEqual(before - 1);
    expect(now).toBeLessThanOrEqual(Date.now() + 1);
  });

  it('keeps what it was given on one line of its messages, however long', () => {
    const [file, name] = [new Parameter('log'), new Parameter('name')];
    const path = `/tmp/launcher-log-${process.pid}-${architecture}`;
    const long = '"'.repeat(4000);
    const given = `a"\\\n\x7f${long}`;
    const outcome = runner.run(
      (k) => k.lane('host', { by: 'message' }, () => k.fail(text`${name} and ${name}`)),
      ['--log', path, '--name', given],
      [file, name],
      { file, format: 'json' },
    );
    const shown = `a"\\??${long}`;
    expect(outcome.stderr).toBe(`program: ${shown} and ${shown}\n`);
    expect(JSON.parse(readFileSync(path, 'utf8')).msg).toBe(`${shown} and ${shown}`);
    rmSync(path);
  });

  it.each(['json', 'text'] as const)('writes failures to a log as %s', (format) => {
    const file = new Parameter('log');
    const path = `/tmp/launcher-log-${process.pid}-${architecture}`;
    try {
      const { stderr } = runner.run(
        (k) => k.lane('host', { by: 'message' }, () => k.fail('exec: "x": no')),
        ['--log', path],
        [file],
        { file, format },
      );
      expect(stderr).toBe('program: exec: "x": no\n');
      const line = readFileSync(path, 'utf8');
      if (format === 'json') {
        const { time, ...rest } = JSON.parse(line);
        expect(rest).toEqual({ level: 'error', msg: 'exec: "x": no' });
        expect(Number.isNaN(Date.parse(time))).toBe(false);
      } else {
        expect(line).toMatch(/^time="[^"]+Z" level=error msg="exec: \\"x\\": no"\n$/);
      }
    } finally {
      rmSync(path, { force: true });
    }
  });

  describe('its command line', () => {
    const id = new Parameter('id', { positional: true, characters: ID, longest: 10 });
    const root = new Parameter('root', { fallback: '/run/program' });
    const file = new Parameter('pid-file');
    const show = (args: readonly string[]) =>
      run(
        (k) => {
          k.writeText(1, text`${id} ${root}`);
          k.when(compare(k.given(file), '!=', 0), () => k.writeText(1, text` ${file}`));
        },
        args,
        [id, root, file],
      );

    it('takes positional and named parameters in any order', () => {
      expect(show(['a']).stdout).toBe('a /run/program');
      expect(show(['--root', '/r', 'a', '--pid-file', 'p']).stdout).toBe('a /r p');
    });

    it.each([
      [[], 'program: usage: program ID [--root ROOT] [--pid-file PID-FILE]'],
      [['a', 'b'], 'program: usage: program ID [--root ROOT] [--pid-file PID-FILE]'],
      [['a', '--rot', 'x'], 'program: usage: program ID [--root ROOT] [--pid-file PID-FILE]'],
      [['a', '--root'], 'program: usage: program ID [--root ROOT] [--pid-file PID-FILE]'],
      [['a', '--root', ''], 'program: invalid root'],
      [['a', '--root', 'x'.repeat(4096)], 'program: invalid root'],
      [[''], 'program: invalid id'],
      [['a/b'], 'program: invalid id'],
      [['.'], 'program: invalid id'],
      [['..'], 'program: invalid id'],
      [['x'.repeat(11)], 'program: invalid id'],
    ])('refuses %j', (args, message) => {
      expect(show(args)).toEqual({ status: 1, stdout: '', stderr: `${message}\n` });
    });

    it('accepts the longest', () => {
      expect(show(['x'.repeat(10), '--root', 'y'.repeat(4095)]).status).toBe(0);
    });

    it('says why it does not take one, and does not name it', () => {
      const refused = new Parameter('socket', { refusal: 'there is no use for a socket' });
      const show = (...args: readonly string[]) =>
        run((k) => k.writeText(1, text`${id}`), args, [id, refused]);
      expect(show('a').stdout).toBe('a');
      expect(show('--socket', '/s', 'a')).toEqual({
        status: 1,
        stdout: '',
        stderr: 'program: there is no use for a socket\n',
      });
      expect(show('--help').stdout).toBe('usage: program ID\n');
    });

    it('explains itself', () => {
      expect(show(['--help']).stdout).toMatch(/^usage: program ID/);
    });
  });
});
