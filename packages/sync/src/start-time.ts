import { type Cell, compare, type Kernel, O_CLOEXEC, O_RDONLY, type Pid, text } from '@oci/kernel';

/** Spaces before the start time in /proc/PID/stat (proc(5): field 22). */
const SPACES = 21;
const SPACE = 0x20;
const ZERO = 0x30;

/**
 * When a process started, in clock ticks since boot: with its id the name of a process for ever,
 * since ids are used again. The command name in the file, field 2, must have no space in it.
 */
export function startTime(k: Kernel, pid: Pid): number | Cell {
  return k.doing('read the start time of the container process', () => {
    const stat = k.memory('stat', 512);
    const fd = k.openat(k.cwd, text`/proc/${pid}/stat`, O_RDONLY | O_CLOEXEC);
    k.read(fd, stat);
    k.close(fd);
    const at = k.variable('at', 0);
    const spaces = k.variable('spaces', 0);
    const next = () => {
      const byte = k.load(stat, at.value, 1);
      k.set(at, k.compute(at.value, '+', 1));
      return byte;
    };
    k.loop((leave) => {
      k.when(compare(next(), '==', SPACE), () => k.set(spaces, k.compute(spaces.value, '+', 1)));
      k.when(compare(spaces.value, '==', SPACES), leave);
    });
    const ticks = k.variable('ticks', 0);
    k.loop((leave) => {
      const byte = next();
      // The digit is followed by a space; unread memory is zero.
      k.when(compare(byte, '<', ZERO), leave);
      const digit = k.compute(byte, '-', ZERO);
      k.set(ticks, k.compute(k.compute(ticks.value, '*', 10), '+', digit));
    });
    return ticks.value;
  });
}
