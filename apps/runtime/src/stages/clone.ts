import {
  CLONE_INTO_CGROUP,
  CLONE_PIDFD,
  type CloneArgs,
  type Fd,
  type Kernel,
  P_PIDFD,
  type Pid,
  type Provision,
  SIGCHLD,
  SIGKILL,
  type Stage,
  WEXITED,
} from '@oci/kernel';
import type { Recorder } from '@oci/launcher';

export interface CloneContext {
  /** CLONE_NEW* */
  readonly flags: number;
  /** The cgroup v2 directory that the process is made in. */
  readonly cgroup?: Provision<Fd>;
  /** What the stage provides. */
  readonly container: Provision<Pid>;
  readonly pidfd: Provision<Fd>;
}

/** What both ways of making the container process have in common. */
export function cloneNamed(
  context: CloneContext,
  run: (k: Kernel) => void,
): Stage & Required<Pick<Stage, 'needs' | 'provides'>> {
  return {
    name: 'clone',
    lane: 'host',
    category: 'Bootstrap',
    needs: context.cgroup ? [context.cgroup] : [],
    provides: [context.container, context.pidfd],
    run: (k) => k.doing('make the container process', () => run(k)),
  };
}

/** What clone3(2) is told: namespaces, cgroup, and `more` CLONE_* bits. */
export function cloneArguments({ flags, cgroup }: CloneContext, more: number): CloneArgs {
  const all = flags | more;
  // Its bit is beyond the 32 of JavaScript's own operators.
  return cgroup ? { flags: all + CLONE_INTO_CGROUP, cgroup: cgroup.value } : { flags: all };
}

/**
 * Makes the container process, in its new namespaces. It goes on in the container lane; the host
 * lane gets its id and a descriptor for it. A start that fails later kills it.
 */
export function cloneStage(recorder: Recorder, context: CloneContext): Stage {
  return cloneNamed(context, (k) => {
    const pidfd = k.memory('pidfd', 4);
    const args = { ...cloneArguments(context, CLONE_PIDFD), pidfd, exitSignal: SIGCHLD };
    context.container.provide(recorder.spawn('container', args));
    providePidfd(k, context, k.load(pidfd, 0, 4));
  });
}

/** From here on, a start that fails kills the container process. */
export function providePidfd(k: Kernel, { pidfd }: CloneContext, fd: Fd): void {
  pidfd.provide(fd);
  k.undo(() => {
    k.pidfd_send_signal(fd, SIGKILL, { allow: 'any' });
    k.waitid(P_PIDFD, fd, null, WEXITED);
  });
}
