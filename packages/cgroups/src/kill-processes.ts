import { compare, type Fd, type Kernel, O_RDONLY, SIGKILL } from '@oci/kernel';
import { withFile } from './with-file.ts';

const PAGE = 4096;
const NEWLINE = 0x0a;
const ZERO = 0x30;

/**
 * Kills the processes that a cgroup lists, one number a line; those of a second page are left for the
 * next call.
 */
export function killProcesses(k: Kernel, directory: Fd): void {
  const list = k.memory('cgroup.procs', PAGE);
  const length = withFile(k, directory, 'cgroup.procs', O_RDONLY, (fd) =>
    // A cgroup that is being removed lists nobody.
    k.read(fd, list, PAGE, { allow: ['ENODEV'] }),
  );
  const at = k.variable('at', 0);
  const pid = k.variable('pid', 0);
  k.loop((leave) => {
    k.when(compare(at.value, '>=', length), leave);
    const byte = k.load(list, at.value, 1);
    k.set(at, k.compute(at.value, '+', 1));
    k.when(
      compare(byte, '==', NEWLINE),
      () => {
        // 0 stands for a process of another pid namespace, and for kill(2) for one's own group.
        k.when(compare(pid.value, '>', 0), () => k.kill(pid.value, SIGKILL, { allow: ['ESRCH'] }));
        k.set(pid, 0);
      },
      () => k.set(pid, k.compute(k.compute(pid.value, '*', 10), '+', k.compute(byte, '-', ZERO))),
    );
  });
}
