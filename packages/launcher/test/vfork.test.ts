import {
  compare,
  type Kernel,
  O_CLOEXEC,
  SIG_BLOCK,
  SIG_SETMASK,
  SIGCHLD,
  SIGTERM,
  text,
} from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { printProgram, Recorder } from '@oci/launcher';
import { afterAll, describe, expect, it } from 'vitest';
import { Runner } from './run-program.ts';

const native = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

describe('a child that shares memory', () => {
  // qemu's user emulation has no clone3, so this runs on the machine's own architecture only.
  const runner = new Runner(native);
  afterAll(() => runner[Symbol.dispose]());
  const run = (body: (k: Recorder) => void) =>
    runner.run((k) => k.lane('host', { by: 'message' }, () => body(k)));

  /** The exit status of a child, as wait4 tells it. */
  const waited = (k: Kernel, child: ReturnType<Kernel['vfork']>) => {
    const status = k.memory('status', 4);
    k.wait4(child, status, 0);
    return k.load(status, 0, 4);
  };

  it('executes a program, whose status is known then', () => {
    const { stdout, stderr } = run((k) => {
      const child = k.vfork(() =>
        k.execve('/bin/sh', ['sh', '-c', `echo $0 $PPID; exit 3`, text`of ${k.getppid()}`], []),
      );
      k.writeText(1, text`status ${waited(k, child)} ${k.compute(k.getpid(), '*', 0)}\n`);
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^of (\d+) \1\nstatus 768 0\n$/);
  });

  it('leaves its results, but keeps its descriptors and signal mask', () => {
    const { stdout, stderr } = run((k) => {
      k.rt_sigprocmask(SIG_BLOCK, [SIGTERM]);
      const from = k.openat(k.cwd, '/dev/null', O_CLOEXEC);
      const variable = k.variable('variable', 1);
      const made = k.memory('pid', 8);
      const child = k.vfork(() => {
        k.rt_sigprocmask(SIG_SETMASK, []);
        k.close(from);
        k.set(variable, 2);
        k.store(made, 0, 8, k.getpid());
      });
      k.close(from);
      k.when(compare(k.load(made, 0, 8), '==', child), () => k.writeText(1, 'its pid '));
      k.writeText(1, text`${variable.value} ${waited(k, child)}\n`);
      const own = k.vfork(() => k.execve('/bin/grep', ['grep', 'SigBlk', '/proc/self/status'], []));
      waited(k, own);
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('its pid 2 0\nSigBlk:\t0000000000004000\n');
  });

  it('fails its parent, which unmakes what both have made', () => {
    const { status, stdout, stderr } = run((k) => {
      k.undo(() => k.writeText(1, 'parent '));
      k.vfork(() => {
        k.undo(() => k.writeText(1, 'child '));
        k.doing('run it', () => k.execve('/no/such', ['such'], []));
        k.undo(() => k.writeText(1, 'never'));
      });
      k.writeText(1, 'never');
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: 'child parent ',
      stderr: 'program: run it: execve: no such file or directory\n',
    });
  });

  it('fails with a message of its own', () => {
    const { stderr } = run((k) => k.doing('try', () => k.vfork(() => k.fail('for a reason'))));
    expect(stderr).toBe('program: try: for a reason\n');
  });

  it('leads to attempts of its own, else to those around it', () => {
    const otherwise = (k: Recorder, words: string) => () => {
      k.writeText(1, words);
      return undefined;
    };
    const { stdout, status } = run((k) =>
      k.attempt(
        ['ENOENT'],
        () => {
          k.vfork(() => {
            k.attempt(
              ['ENOTDIR'],
              () => {
                k.openat(k.cwd, '/dev/null/x', 0);
                return undefined;
              },
              otherwise(k, 'inner '),
            );
            k.openat(k.cwd, '/no/such', 0);
          });
          return otherwise(k, 'never')();
        },
        otherwise(k, 'outer'),
      ),
    );
    expect([status, stdout]).toEqual([0, 'inner outer']);
  });

  it('may be made again and again, and while things are unmade', () => {
    const { stdout, stderr } = run((k) => {
      const rounds = k.variable('rounds', 0);
      k.undo(() => {
        waited(
          k,
          k.vfork(() => k.execve('/bin/echo', ['echo', 'unmade'], [])),
        );
        k.vfork(() => k.fail('ignored'));
        k.writeText(1, 'last\n');
      });
      k.loop((leave) => {
        waited(
          k,
          k.vfork(() => k.execve('/bin/echo', ['echo', text`${rounds.value}`], [])),
        );
        k.set(rounds, k.compute(rounds.value, '+', 1));
        k.when(compare(rounds.value, '==', 3), leave);
      });
      k.fail('enough');
    });
    expect(stdout).toBe('0\n1\n2\nunmade\nlast\n');
    expect(stderr).toBe('program: enough\n');
  });
});

describe('vfork', () => {
  const recorder = () => new Recorder({ name: 'program', architecture: native, parameters: [] });

  it('is printed with what the child does', () => {
    const k = recorder();
    k.lane('host', { by: 'message' }, () => {
      const child = k.doing('run true', () => k.vfork(() => k.execve('/bin/true', ['true'], [])));
      k.wait4(child, null, 0);
    });
    expect(printProgram(k.program, native)).toBe(`host
  # run true
    child.0 = clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 64)
    in the child
      execve("/bin/true", ["true"], [])
  wait4(child.0, NULL, 0, NULL)
`);
  });

  it('is no way out of a loop of the parent', () => {
    const k = recorder();
    expect(() =>
      k.lane('host', { by: 'message' }, () => k.loop((leave) => k.vfork(leave))),
    ).toThrow('a child cannot leave a loop of its parent');
    expect(() =>
      recorder().lane('host', { by: 'message' }, () => k.vfork(() => k.loop((leave) => leave()))),
    ).not.toThrow();
  });

  it('is noted by a fake kernel, and refused by a live one', () => {
    const fake = new FakeKernel();
    fake.wait4(
      fake.vfork(() => fake.getpid()),
      null,
      0,
    );
    expect(fake.lines).toEqual([
      'clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 64)',
      'getpid()',
      'wait4(1001, NULL, 0, NULL)',
    ]);
    expect(SIGCHLD).toBe(17);
    expect(() => new LiveKernel().vfork(() => {})).toThrow('launchers do that');
  });
});
