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
} from '@oci/kernel';
import { ALL_SIGNALS, ending, reap } from './reap.ts';

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
    const end = ending(k);
    k.loop((leave) => {
      // A stop and a continue interrupt it (signal(7)); there is nothing to forward then.
      const signal = k.rt_sigwait(ALL_SIGNALS, null, { allow: ['EINTR'] });
      k.when(
        compare(signal, '==', SIGCHLD),
        () => reap(k, container, end, leave),
        () =>
          k.when(compare(signal, '>', 0), () =>
            k.pidfd_send_signal(pidfd, signal, { allow: 'any' }),
          ),
      );
    });
    return end.code.value;
  });
}
