import {
  AT_REMOVEDIR,
  CLOCK_MONOTONIC,
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_RDONLY,
  O_WRONLY,
  type Text,
  text,
  timespec,
  type Value,
  type Variable,
} from '@oci/kernel';
import { killProcesses } from './kill-processes.ts';
import type { Hierarchy } from './layout.ts';
import { removeChildren } from './remove-children.ts';
import { withFile } from './with-file.ts';

/** How often, and how long apart, a cgroup that is in use is tried again: half a second in all. */
const ROUNDS = 100;
const PAUSE = 5_000_000;

export interface RemoveOptions {
  /** Kills what is still in it: its processes are nobody else's. */
  readonly kill: boolean;
}

/**
 * Removes a cgroup that its container has left: one rmdir(2) a hierarchy, mostly. Where that finds it
 * in use, the cgroups that the container made in it are removed before, and those who still run in it
 * get a moment to end.
 *
 * @returns zero, or something else when it is still in use: then it stays.
 */
export function removeCgroup(
  k: Kernel,
  hierarchies: readonly Hierarchy[],
  path: Text,
  { kill }: RemoveOptions,
): Value {
  return k.doing('remove the cgroup', () => {
    const left = k.variable('rounds left', ROUNDS);
    const busy = k.variable('busy cgroup', 0);
    k.loop((leave) => {
      k.set(busy, 0);
      for (const { mountpoint } of hierarchies) removeOrOpen(k, text`${mountpoint}${path}`, busy);
      k.when(compare(busy.value, '==', 0), leave);
      k.set(left, k.compute(left.value, '-', 1));
      k.when(compare(left.value, '==', 0), leave);
      if (kill) killAll(k, busy.value);
      removeChildren(k, busy.value, kill);
      k.clock_nanosleep(CLOCK_MONOTONIC, timespec(0, PAUSE), { allow: ['EINTR'] });
    });
    return busy.value;
  });
}

/** Opens the first one that is in use. */
function removeOrOpen(k: Kernel, directory: Text, busy: Variable): void {
  k.attempt(
    ['EBUSY'],
    () => k.unlinkat(k.cwd, directory, AT_REMOVEDIR, { allow: ['ENOENT'] }),
    () =>
      k.when(compare(busy.value, '==', 0), () =>
        k.set(busy, k.openat(k.cwd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      ),
  );
}

/** At once and with all below it where the kernel can (version 2, Linux 5.14). */
function killAll(k: Kernel, directory: Fd): void {
  k.attempt(
    ['ENOENT'],
    () => withFile(k, directory, 'cgroup.kill', O_WRONLY, (fd) => k.writeText(fd, '1')),
    () => killProcesses(k, directory),
  );
}
