import { SIGCHLD, SIGHUP, SIGKILL, SIGTERM, SIGUSR1, SIGWINCH } from '@oci/kernel';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { prepareToSupervise, supervise } from '@oci/sync';
import { describe, expect, it } from 'vitest';

const CONTAINER = 50;
const PIDFD = 9;

/** What wait4 finds: a process that ended and its status word, or nobody yet, or nobody at all. */
type Found = readonly [pid: number, status: number] | 'nobody yet' | 'nobody';
const ECHILD = -10;

const exited = (code: number, pid = CONTAINER): Found => [pid, code << 8];
const killed = (signal: number, pid = CONTAINER): Found => [pid, signal];

/** Supervises while these signals come, each of SIGCHLD with what there is to be reaped. */
function run(...events: readonly (number | readonly Found[])[]) {
  const k = new FakeKernel();
  const signals = [...events];
  let ended: readonly Found[] = [];
  k.returns('rt_sigtimedwait', () => {
    const next = signals.shift();
    if (next === undefined) throw new Error('it still waits');
    if (typeof next === 'number') return next;
    ended = next;
    return SIGCHLD;
  });
  k.returns('wait4', ({ args }: FakeCall) => {
    const [found = 'nobody yet', ...rest] = ended;
    ended = rest;
    if (found === 'nobody yet') return 0;
    if (found === 'nobody') return ECHILD;
    const [pid, status] = found;
    if (!(args[1] instanceof FakeMemory)) throw new Error('wait4 without memory');
    args[1].store(0, 4, status);
    return pid;
  });
  const watch = () => {
    const code = supervise(k, CONTAINER, PIDFD);
    return { code, lines: k.lines, left: signals.length };
  };
  return { k, watch };
}

describe('the exit status', () => {
  it.each<[string, Found, number]>([
    ['of success', exited(0), 0],
    ['of failure', exited(3), 3],
    ['at its largest', exited(255), 255],
    ['after SIGTERM', killed(SIGTERM), 143],
    ['after SIGKILL', killed(SIGKILL), 137],
    ['after a core dump', [CONTAINER, 0x80 | 11], 139],
    ['after the last real-time signal', killed(64), 192],
  ])('%s', (_, found, code) => {
    expect(run([found]).watch().code).toBe(code);
  });
});

describe('a supervisor', () => {
  it('waits for a signal, reaps, and looks whether there is more', () => {
    const { lines } = run([exited(0), 'nobody']).watch();
    expect(lines.map((line) => line.replace(/\(.*/, ''))).toEqual([
      'rt_sigtimedwait',
      'wait4',
      'wait4',
    ]);
    expect(lines[0]).toMatch(/NULL, NULL, 8\)$/);
    expect(lines[1]).toBe('wait4(-1, status, WNOHANG, NULL)');
  });

  it('waits for every signal there is', () => {
    const { k, watch } = run([exited(0)]);
    watch();
    const [set] = k.calls[0]?.args ?? [];
    expect(set).toMatchObject({ fields: [{ value: 0xffff_ffff_ffff_ffffn }] });
  });

  it('forwards each signal to the container, and goes on', () => {
    const { lines, left, code } = run(
      SIGTERM,
      SIGHUP,
      SIGUSR1,
      SIGWINCH,
      64,
      [exited(7)],
      SIGTERM,
    ).watch();
    expect(lines.filter((line) => line.startsWith('pidfd'))).toEqual([
      'pidfd_send_signal(9, SIGTERM, NULL, 0)',
      'pidfd_send_signal(9, SIGHUP, NULL, 0)',
      'pidfd_send_signal(9, SIGUSR1, NULL, 0)',
      'pidfd_send_signal(9, SIGWINCH, NULL, 0)',
      'pidfd_send_signal(9, 0x40, NULL, 0)',
    ]);
    expect([code, left]).toEqual([7, 1]);
  });

  it('does not forward the news of its own children', () => {
    const { lines } = run(['nobody yet'], [exited(0)]).watch();
    expect(lines.some((line) => line.startsWith('pidfd'))).toBe(false);
  });

  it('does not mind when nobody is there any more to forward to', () => {
    const { k, watch } = run(SIGTERM, [exited(1)]);
    k.fail('pidfd_send_signal', 'ESRCH');
    expect(watch().code).toBe(1);
  });

  it('reaps the orphans that it adopted, and waits on', () => {
    const { code, lines } = run([exited(9, 70), killed(9, 71)], [exited(2)]).watch();
    expect(code).toBe(2);
    // Three that ended, and after each signal once nobody more.
    expect(lines.filter((line) => line.startsWith('wait4'))).toHaveLength(5);
  });

  it('tells the status of the container, whoever ended with it', () => {
    const together = [exited(9, 70), exited(4), killed(9, 71), 'nobody'] as const;
    const { code, lines } = run(together).watch();
    expect(code).toBe(4);
    expect(lines.filter((line) => line.startsWith('wait4'))).toHaveLength(4);
  });

  it('waits on when it was told of a child for nothing', () => {
    expect(run(['nobody yet'], ['nobody yet'], [exited(6)]).watch().code).toBe(6);
  });

  it('fails where it cannot reap', () => {
    const { k, watch } = run([exited(0)]);
    k.fail('wait4', 'EINVAL');
    expect(watch).toThrow('supervise the container: wait4: invalid argument');
  });

  // It is what a stop and a continue do to this call (signal(7)), and it must not end the container.
  it('goes on after it was stopped and continued', () => {
    const EINTR = -4;
    expect(run(EINTR, [exited(0)]).watch().code).toBe(0);
  });
});

describe('before the clone', () => {
  const lines = (subreaper: boolean) => {
    const k = new FakeKernel();
    prepareToSupervise({ subreaper }).run(k);
    return k.lines;
  };

  it('all signals are kept for later, and children leave a status', () => {
    const [mask, action, name, ...others] = lines(false);
    expect(mask).toMatch(/^rt_sigprocmask\(SIG_BLOCK, \{bits=.*\}, NULL, 8\)$/);
    expect(action).toMatch(/^rt_sigaction\(SIGCHLD, /);
    expect(name).toBe('prctl(PR_SET_NAME, "ocirun")');
    expect(others).toEqual([]);
  });

  it('orphans are adopted where that is asked for', () => {
    expect(lines(true)).toContain('prctl(PR_SET_CHILD_SUBREAPER, 1)');
  });

  it('the name has no space in it, which the reader of /proc/PID/stat relies on', () => {
    expect(lines(false).at(-1)).not.toMatch(/"[^"]*\s[^"]*"/);
  });
});
