import {
  CLONE_NEWPID,
  CLONE_PIDFD,
  compare,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  Parameter,
  SIGCHLD,
  text,
} from '@oci/kernel';
import { printProgram, Recorder } from '@oci/launcher';
import { describe, expect, it } from 'vitest';

const id = new Parameter('id', { positional: true });
const pidFile = new Parameter('pid-file');

/** A lane as it is printed, without its name. */
function print(
  body: (k: Recorder) => void,
  architecture: Recorder['architecture'] = 'x86_64',
): string[] {
  const parameters = [id, pidFile];
  const k = new Recorder({ name: 'program', architecture, parameters });
  k.lane('host', { by: 'message' }, () => body(k));
  const [name, ...lines] = printProgram(k.program, architecture).split('\n');
  expect(name).toBe('host');
  expect(lines.pop()).toBe('');
  return lines;
}

describe('a printed program', () => {
  it('reads from top to bottom', () => {
    const parameters = [id, pidFile];
    const k = new Recorder({ name: 'program', architecture: 'x86_64', parameters });
    k.lane('host', { by: 'message' }, () => {
      k.doing('make the directory', () => {
        k.attempt(
          ['EEXIST'],
          () => {
            k.mkdirat(k.cwd, text`/run/${id}`, 0o711);
            return undefined;
          },
          () => {
            k.fail(text`${id} is in use`);
            return undefined;
          },
        );
        k.undo(() => k.unlinkat(k.cwd, text`/run/${id}`));
      });
      k.doing('make the container', () => {
        const pidfd = k.memory('pidfd', 4);
        const child = k.spawn('container', {
          flags: CLONE_NEWPID | CLONE_PIDFD,
          pidfd,
          exitSignal: SIGCHLD,
        });
        k.when(
          compare(k.given(pidFile), '!=', 0),
          () => k.writeText(4, text`${child}\n`),
          () => k.writeText(1, text`${child} at ${k.timestamp()}`),
        );
        k.close(k.load(pidfd, 0, 4), { allow: ['EBADF'] });
      });
      k.chdir('/');
      const rounds = k.variable('rounds', 3);
      k.loop((leave) => {
        k.set(rounds, k.compute(rounds.value, '-', 1));
        k.when(compare(rounds.value, '==', 0), leave);
      });
    });
    k.lane('container', { by: 'message' }, () => {
      const report = k.memory('report', 16);
      k.store(report, 8, 1, 7);
      k.raise(k.load(report, 0, 8), k.load(report, 8, 8));
    });
    expect(printProgram(k.program, 'x86_64')).toBe(`host
  # make the directory
    try
      mkdirat(AT_FDCWD, "/run/\${id}", 0711)
    on EEXIST
      fail "\${id} is in use"
    should a later step fail
      unlinkat(AT_FDCWD, "/run/\${id}", 0)
  # make the container
    container.2 = clone3({flags=CLONE_PIDFD|CLONE_NEWPID, pidfd=pidfd, exit_signal=SIGCHLD}, 64), whose child is the container lane
    pid-file.3 = is --pid-file given
    if pid-file.3 != 0
      write(4, "\${container.2}\\n")
    else
      time = the time now
      write(1, "\${container.2} at \${time}")
    pidfd.6 = pidfd[0, 4 bytes]
    close(pidfd.6)  or EBADF
  chdir("/")
  rounds.9 = 3
  repeat
    -.10 = rounds.9 - 1
    rounds.9 = -.10
    if rounds.9 == 0
      leave

container
  report[8, 1 byte] = 7
  report.11 = report[0, 8 bytes]
  report.12 = report[8, 8 bytes]
  fail as the other lane reported
`);
  });

  it('names what calls are for where that changes, and only the part that does', () => {
    const lines = print((k) => {
      k.doing('mounts[0]', () => {
        k.getpid();
        k.doing('find it', () => {
          k.getpid();
          k.getpid();
        });
        k.doing('attach it', () => k.getpid());
      });
      k.getpid();
      k.doing('mounts[0]', () => k.doing('attach it', () => k.getpid()));
    });
    expect(lines).toEqual([
      '  # mounts[0]',
      '    getpid()',
      '    # find it',
      '      getpid()',
      '      getpid()',
      '    # attach it',
      '      getpid()',
      '  getpid()',
      '  # mounts[0]',
      '    # attach it',
      '      getpid()',
    ]);
  });

  it('shows the results that something reads', () => {
    const lines = print((k) => {
      k.getppid();
      k.close(k.getpid());
    });
    expect(lines).toEqual(['  getppid()', '  getpid.1 = getpid()', '  close(getpid.1)']);
  });

  it('says which errors are no failures', () => {
    const lines = print((k) => {
      k.close(3, { allow: ['EBADF', 'EIO'] });
      k.close(4, { allow: 'any' });
      k.writeText(5, 'x', { allow: ['EPIPE'] });
    });
    expect(lines).toEqual([
      '  close(3)  or EBADF, EIO',
      '  close(4)  or any error',
      '  write(5, "x")  or EPIPE',
    ]);
  });

  it.each(['x86_64', 'aarch64'] as const)('spells flags alike on %s', (architecture) => {
    const lines = print((k) => {
      k.openat(k.cwd, '/a', O_PATH | O_DIRECTORY | O_CLOEXEC);
      k.openat2(3, 'b', { flags: O_DIRECTORY });
    }, architecture);
    expect(lines).toEqual([
      '  openat(AT_FDCWD, "/a", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      '  openat2(3, "b", {flags=O_DIRECTORY}, 24)',
    ]);
  });

  // A plan is read in a terminal, and a bundle's names may hold anything.
  it('is one line a step, whatever the names in it', () => {
    const name = 'a\n  # b\u001b[2J';
    const lines = print((k) => {
      k.doing(name, () => k.getpid());
      k.fail(`exec: ${name}`);
    });
    expect(lines).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(lines.join('\n')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });
});
