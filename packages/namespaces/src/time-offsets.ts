import {
  CLONE_NEWTIME,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_RDONLY,
  RESOLVE_NO_MAGICLINKS,
  type Stage,
} from '@oci/kernel';
import type { Config, TimeOffsets } from '@oci/spec';
import { setsClocks } from './kinds.ts';
import { openProcfs } from './procfs.ts';
import { writeBeneath } from './write-beneath.ts';

/**
 * config-linux.md, "Offset for Time Namespace" (time_namespaces(7)): makes a time namespace, which
 * only children of its maker are put in, sets its clocks and then joins it.
 *
 * Comes first in the container lane: the file of the offsets belongs to the user that the process
 * was made as, so it can't be written any more after `namespaces.user.root`, and `/proc` has to be
 * the runtime's.
 */
export function timeOffsetStages(config: Config): Stage[] {
  if (!setsClocks(config)) return [];
  const offsets = offsetLines(config.linux?.timeOffsets ?? {});
  return [
    {
      name: 'namespaces.time',
      lane: 'container',
      category: 'Platform',
      run(k) {
        const proc = k.doing('linux.timeOffsets: open /proc', () => openProcfs(k, '/proc'));
        k.doing('linux.namespaces: make the time namespace', () => k.unshare(CLONE_NEWTIME));
        for (const { clock, line } of offsets) {
          k.doing(`linux.timeOffsets.${clock}`, () => setClock(k, proc, line));
        }
        k.doing('linux.namespaces: join the time namespace', () => {
          const made = k.openat(proc, 'self/ns/time_for_children', O_RDONLY | O_CLOEXEC);
          k.setns(made, CLONE_NEWTIME);
          k.close(made);
        });
        k.close(proc);
      },
    },
  ];
}

function setClock(k: Kernel, proc: Fd, line: string): void {
  k.attempt(
    ['ERANGE'],
    () => {
      // `self` is a symlink, though none that leads out of procfs.
      writeBeneath(k, proc, 'self/timens_offsets', line, RESOLVE_NO_MAGICLINKS);
    },
    () => {
      k.fail('sets the clock to before its start, or to more than 146 years after');
    },
  );
}

const clocks = ['monotonic', 'boottime'] as const;

/** Lines of /proc/PID/timens_offsets: the clock, seconds and nanoseconds. */
function offsetLines(offsets: TimeOffsets) {
  return clocks.flatMap((clock) => {
    const { secs = 0, nanosecs = 0 } = offsets[clock] ?? {};
    return offsets[clock] === undefined ? [] : [{ clock, line: `${clock} ${secs} ${nanosecs}\n` }];
  });
}
