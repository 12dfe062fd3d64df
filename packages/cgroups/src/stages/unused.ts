import {
  compare,
  type Fd,
  type Kernel,
  LOCK_EX,
  LOCK_NB,
  O_RDONLY,
  type Text,
  text,
} from '@oci/kernel';
import type { Hierarchy } from '../layout.ts';
import { withFile } from '../with-file.ts';
import type { MadeDirectory } from './directories.ts';
import type { CgroupPlan } from './make.ts';

/**
 * config-linux.md, "Control groups": a container would affect another one in a cgroup that has
 * processes, and never start in one that is frozen, by itself or from above.
 *
 * A cgroup that a config names may be made by several starts at once, each before anybody is in it.
 * So one of its directories is locked, by a descriptor that is closed when the container has joined,
 * and is looked into only then, whoever made it.
 *
 * @param fd its `tasks` on version 1, on version 2 its directory
 */
export function requireUnused(
  k: Kernel,
  hierarchy: Hierarchy,
  { claimed, cgroup }: Pick<CgroupPlan, 'claimed' | 'cgroup'>,
  made: MadeDirectory,
  fd: Fd,
): void {
  const { directory, existed } = made;
  const isClaimed = claimed === hierarchy;
  // Those above the container's own belong to others.
  const hasAncestors = claimed !== undefined && cgroup.ancestors.length > 0;
  const check = (always: boolean, body: () => void) =>
    always ? body() : k.when(compare(existed.value, '!=', 0), body);
  k.doing(`make the container's cgroup in ${hierarchy.mountpoint}`, () => {
    if (isClaimed) claim(k, made, fd);
    if (hierarchy.version === 2) {
      check(isClaimed || hasAncestors, () => checkEvents(k, directory, fd));
      return;
    }
    check(isClaimed, () => checkTasks(k, directory, fd));
    if (hierarchy.controllers.includes('freezer'))
      check(hasAncestors, () => checkFreezer(k, directory));
  });
}

/** flock(2): a lock is held as long as anybody has the descriptor, or one that was inherited. */
function claim(k: Kernel, { directory, taken }: MadeDirectory, fd: Fd): void {
  k.attempt(
    ['EAGAIN'],
    () => k.flock(fd, LOCK_EX | LOCK_NB),
    () => {
      k.set(taken, 1);
      k.fail(text`cgroup ${directory} is being used by another start`);
    },
  );
}

function checkTasks(k: Kernel, directory: Text, tasks: Fd): void {
  const memory = k.memory('task', 8);
  k.when(compare(k.read(tasks, memory), '>', 0), () => hasProcesses(k, directory));
}

/** `freezer.state` is THAWED, FREEZING or FROZEN, also by a cgroup above. */
function checkFreezer(k: Kernel, directory: Text): void {
  const state = k.memory('freezer state', 8);
  withFile(k, k.cwd, text`${directory}/freezer.state`, O_RDONLY, (fd) => k.read(fd, state));
  k.when(compare(k.load(state, 0, 4), '!=', THAWED), () => isFrozen(k, directory));
}

const THAWED = Buffer.from('THAW').readUInt32LE();

/**
 * `cgroup.events` is two lines, `populated 0` and, since Linux 5.2, `frozen 0`. The first counts
 * cgroups below as well, the second those above.
 */
function checkEvents(k: Kernel, directory: Text, cgroup: Fd): void {
  const events = k.memory('cgroup events', 32);
  withFile(k, cgroup, 'cgroup.events', O_RDONLY, (fd) => k.read(fd, events));
  const isSet = (at: number) => compare(k.load(events, at, 1), '==', ONE);
  k.when(isSet('populated '.length), () => hasProcesses(k, directory));
  k.when(isSet('populated 0\nfrozen '.length), () => isFrozen(k, directory));
}

const ONE = Buffer.from('1').readUInt8();

function hasProcesses(k: Kernel, directory: Text): void {
  k.fail(text`cgroup ${directory} has processes in it`);
}

function isFrozen(k: Kernel, directory: Text): void {
  k.fail(text`cgroup ${directory} is frozen`);
}
