import { defaultAction, F_SETFD, SIG_SETMASK, SIGPIPE, SIGXFSZ, type Stage } from '@oci/kernel';
import type { ProcessContext } from './context.ts';
import { preservedDescriptors } from './listen-fds.ts';

const STDIO = 3;

/**
 * What a program inherits over execve(2) and Node changes: signals that are ignored (Node ignores
 * SIGPIPE, some callers SIGXFSZ) or blocked, and close-on-exec on stdio. The descriptors that are
 * to be preserved are freed of it too; they must exist, stdio need not.
 */
export function inheritanceStage(
  context: Pick<ProcessContext, 'preserveFds' | 'listenFds'>,
): Stage {
  const preserved = preservedDescriptors(context);
  return {
    name: 'process.inheritance',
    lane: 'container',
    category: 'Bootstrap',
    run(k) {
      k.doing('reset signals', () => {
        for (const signal of [SIGPIPE, SIGXFSZ]) k.rt_sigaction(signal, defaultAction());
        k.rt_sigprocmask(SIG_SETMASK, []);
      });
      for (let fd = 0; fd < STDIO; fd++) k.fcntl(fd, F_SETFD, 0, { allow: ['EBADF'] });
      for (let fd = STDIO; fd < STDIO + preserved; fd++) {
        k.doing(`preserve descriptor ${fd}`, () => k.fcntl(fd, F_SETFD, 0));
      }
    },
  };
}
