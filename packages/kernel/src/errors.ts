import { type ErrnoName, errnoMessage, errnoName } from './errno.ts';

/** Whether an error of Node's is one of these: `failedWith(error, 'ENOENT')`. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** A system call failed and nothing allowed it to. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  /** The system call, by the kernel's name for it. */
  readonly call: string;
  /** The positive error number. */
  readonly errno: number;
  /** Its name, where the kernel headers know it. */
  readonly code: ErrnoName | undefined;
  /** What was being done, outermost first. */
  readonly doing: readonly string[];

  constructor(call: string, errno: number, doing: readonly string[] = []) {
    super([...doing, call, errnoMessage(errno)].join(': '));
    this.call = call;
    this.errno = errno;
    this.code = errnoName(errno);
    this.doing = doing;
  }
}
