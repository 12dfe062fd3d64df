import {
  AT_REMOVEDIR,
  compare,
  type Fd,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_DIRECTORY,
  O_RDONLY,
  text,
  type Value,
} from '@oci/kernel';
import { killProcesses } from './kill-processes.ts';

/** `struct linux_dirent64` (getdents64(2)): what is at which offset. */
const RECORD_LENGTH = 16;
const TYPE = 18;
const NAME = 19;
const DT_DIR = 4;

const ENTRIES_BYTES = 4096;
const NAME_BYTES = 256;

/**
 * Removes the cgroups in an open one that have none in them, and goes down into one that has: each
 * call comes nearer to the end. Takes over the descriptor.
 */
export function removeChildren(k: Kernel, directory: Fd, kill: boolean): void {
  const entries = k.memory('directory entries', ENTRIES_BYTES);
  const name = k.memory('child', NAME_BYTES);
  const busyName = k.memory('busy child', NAME_BYTES);
  const current = k.variable('cgroup', directory);
  k.loop((leave) => {
    const isBusy = k.variable('has a busy child', 0);
    eachDirectory(k, current.value, entries, name, () =>
      k.attempt(
        ['EBUSY'],
        // What rmdir(2) says of `.` and `..` is not worth telling them apart.
        () =>
          k.unlinkat(current.value, text`${name}`, AT_REMOVEDIR, {
            allow: ['EINVAL', 'ENOTEMPTY', 'ENOENT'],
          }),
        () => {
          copyName(k, name, 0, busyName);
          k.set(isBusy, 1);
        },
      ),
    );
    k.when(
      compare(isBusy.value, '==', 0),
      () => {
        k.close(current.value);
        leave();
      },
      () => {
        const child = k.openat(
          current.value,
          text`${busyName}`,
          O_RDONLY | O_DIRECTORY | O_CLOEXEC,
        );
        k.close(current.value);
        k.set(current, child);
        if (kill) killProcesses(k, current.value);
      },
    );
  });
}

/** Runs `body` for each directory in an open one, `.` and `..` among them. */
function eachDirectory(
  k: Kernel,
  directory: Fd,
  entries: Memory,
  name: Memory,
  body: () => void,
): void {
  k.loop((leave) => {
    const length = k.getdents64(directory, entries);
    k.when(compare(length, '<=', 0), leave);
    const at = k.variable('entry', 0);
    k.loop((leavePage) => {
      k.when(compare(at.value, '>=', length), leavePage);
      const field = (offset: number) => k.compute(at.value, '+', offset);
      k.when(compare(k.load(entries, field(TYPE), 1), '==', DT_DIR), () => {
        copyName(k, entries, field(NAME), name);
        body();
      });
      k.set(at, k.compute(at.value, '+', k.load(entries, field(RECORD_LENGTH), 2)));
    });
  });
}

/** Copies up to the NUL that ends a name. */
function copyName(k: Kernel, from: Memory, start: Value, to: Memory): void {
  const offset = k.variable('offset', 0);
  k.loop((leave) => {
    const byte = k.load(from, k.compute(start, '+', offset.value), 1);
    k.store(to, offset.value, 1, byte);
    k.when(compare(byte, '==', 0), leave);
    k.set(offset, k.compute(offset.value, '+', 1));
  });
}
