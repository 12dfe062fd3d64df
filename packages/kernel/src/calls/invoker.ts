import type { SyscallName } from '../generated/syscalls.ts';
import type { Policy } from '../policy.ts';
import type { Argument } from '../struct.ts';
import type { Cell } from '../values.ts';

export type Architecture = 'x86_64' | 'aarch64';

/** The one primitive beneath every typed system call. */
export abstract class Invoker {
  /** Whose encodings to use: open flags differ between architectures. */
  abstract readonly architecture: Architecture;

  /** Makes the call, or records it. The result is the kernel's: `-errno` where allowed. */
  protected abstract invoke(
    call: SyscallName,
    args: readonly Argument[],
    policy?: Policy,
  ): number | Cell;
}
