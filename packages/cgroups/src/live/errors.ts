export type CgroupErrorCode =
  /** It has processes, or cgroups that do. */
  | 'BUSY'
  /** There is no such cgroup, or not any more. */
  | 'MISSING'
  /** The kernel has not frozen it in time. */
  | 'NOT_FROZEN'
  /** The host has no controller for it. */
  | 'UNSUPPORTED';

/** What a cgroup could not do, apart from what a system call refused. */
export class CgroupError extends Error {
  override readonly name = 'CgroupError';
  readonly code: CgroupErrorCode;

  constructor(code: CgroupErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Whether an error of Node's is one of these: `failedWith(error, 'ENOENT')`. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    codes.includes(error.code)
  );
}
