import { compare, type Kernel, type Memory, type Pid, type Variable, WNOHANG } from '@oci/kernel';

/** Signals 1 to 64. SIGKILL and SIGSTOP are in it without effect. */
export const ALL_SIGNALS = Array.from({ length: 64 }, (_, index) => index + 1);

/** How a container's process ended. */
export interface Ending {
  /** Four bytes for wait4(2). */
  readonly status: Memory;
  /** As shells count: 128 + n for a process that signal n ended. */
  readonly code: Variable;
}

export function ending(k: Kernel): Ending {
  return { status: k.memory('status', 4), code: k.variable('exit status', 0) };
}

/** Reaps all children that have ended, adopted ones too, and leaves after the container. */
export function reap(k: Kernel, container: Pid, { status, code }: Ending, leave: () => void): void {
  const ended = k.variable('ended', 0);
  k.loop((leaveReaping) => {
    const child = k.wait4(-1, status, WNOHANG, { allow: ['ECHILD'] });
    k.when(compare(child, '<=', 0), leaveReaping);
    k.when(compare(child, '==', container), () => {
      const word = k.load(status, 0, 4);
      const signal = k.compute(word, '&', 0x7f);
      k.when(
        compare(signal, '==', 0),
        () => k.set(code, k.compute(k.compute(word, '>>', 8), '&', 0xff)),
        () => k.set(code, k.compute(signal, '+', 128)),
      );
      k.set(ended, 1);
    });
  });
  k.when(compare(ended.value, '==', 1), leave);
}
