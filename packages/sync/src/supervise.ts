import {
  type Cell,
  compare,
  defaultAction,
  type Fd,
  type Kernel,
  type Pid,
  PR_SET_CHILD_SUBREAPER,
  PR_SET_NAME,
  SIG_BLOCK,
  SIGCHLD,
  type Stage,
  WNOHANG,
} from '@oci/kernel';

/** Signals 1 to 64. SIGKILL and SIGSTOP are in it without effect. */
const ALL_SIGNALS = Array.from({ length: 64 }, (_, index) => index + 1);

const COMMAND_NAME = 'ocirun';

/**
 * Makes the host lane ready to supervise, before the clone: signals stay pending until they are
 * waited for, so none is lost, and SIGCHLD is not ignored, whatever the caller had it set to.
 */
export function prepareToSupervise({ subreaper }: { readonly subreaper: boolean }): Stage {
  return {
    name: 'signals',
    lane: 'host',
    category: 'Sync',
    run: (k) =>
      k.doing('prepare to supervise', () => {
        k.rt_sigprocmask(SIG_BLOCK, ALL_SIGNALS);
        k.rt_sigaction(SIGCHLD, defaultAction());
        if (subreaper) k.prctl(PR_SET_CHILD_SUBREAPER, 1);
        // A name without spaces, which the reader of /proc/PID/stat relies on.
        k.prctl(PR_SET_NAME, COMMAND_NAME);
      }),
  };
}

/**
 * Waits for the container process to end, and forwards every other signal to it meanwhile. The
 * result is the exit status as shells count it: 128 + n for a process that signal n ended.
 */
export function supervise(k: Kernel, container: Pid, pidfd: Fd): number | Cell {
  return k.doing('supervise the container', () => {
    const status = k.memory('status', 4);
    const code = k.variable('exit status', 0);
    k.loop((leave) => {
      // A stop and a continue interrupt it (signal(7)); there is nothing to forward then.
      const signal = k.rt_sigwait(ALL_SIGNALS, null, { allow: ['EINTR'] });
      k.when(
        compare(signal, '==', SIGCHLD),
        () => reap(k, container, status, code, leave),
        () =>
          k.when(compare(signal, '>', 0), () =>
            k.pidfd_send_signal(pidfd, signal, { allow: 'any' }),
          ),
      );
    });
    return code.value;
  });
}

/** Reaps all children that have ended, adopted ones too, and leaves after the container. */
function reap(
  k: Kernel,
  container: Pid,
  status: ReturnType<Kernel['memory']>,
  code: ReturnType<Kernel['variable']>,
  leave: () => void,
): void {
  const ended = k.variable('ended', 0);
  k.loop((leaveReaping) => {
    const child = k.wait4(-1, status, WNOHANG, { allow: ['ECHILD'] });
    k.when(compare(child, '<=', 0), leaveReaping);
    k.when(compare(child, '==', container), () => {
      const word = k.load(status, 0, 4);
      const signal = k.compute(word, '&', 0x7f);
      k.when(
        compare(signal, '==', 0),
        () => k.set(code, k.compute(k.compute(word, '>>', 8), '&', 0xff)),
        () => k.set(code, k.compute(signal, '+', 128)),
      );
      k.set(ended, 1);
    });
  });
  k.when(compare(ended.value, '==', 1), leave);
}
