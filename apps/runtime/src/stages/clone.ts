import {
  CLONE_PIDFD,
  type Fd,
  P_PIDFD,
  type Pid,
  type Provision,
  SIGCHLD,
  SIGKILL,
  type Stage,
  WEXITED,
} from '@oci/kernel';
import type { Recorder } from '@oci/launcher';

/**
 * Makes the container process, in its new namespaces. It goes on in the container lane; the host
 * lane gets its id and a descriptor for it. A start that fails later kills it.
 */
export function cloneStage(
  recorder: Recorder,
  flags: number,
  container: Provision<Pid>,
  pidfd: Provision<Fd>,
): Stage {
  return {
    name: 'clone',
    lane: 'host',
    category: 'Bootstrap',
    provides: [container, pidfd],
    run: (k) => {
      k.doing('make the container process', () => {
        const memory = k.memory('pidfd', 4);
        const args = { flags: flags | CLONE_PIDFD, pidfd: memory, exitSignal: SIGCHLD };
        container.provide(recorder.spawn('container', args));
        const fd = k.load(memory, 0, 4);
        pidfd.provide(fd);
        k.undo(() => {
          k.pidfd_send_signal(fd, SIGKILL);
          k.waitid(P_PIDFD, fd, null, WEXITED);
        });
      });
    },
  };
}
