import { failedWith } from '@oci/kernel';

export type CgroupErrorCode =
  /** It has processes, or cgroups that do. */
  | 'BUSY'
  /** There is no such cgroup, or not any more. */
  | 'MISSING'
  /** A path that names no cgroup. */
  | 'INVALID_PATH'
  /** It is the root of all cgroups, which is not limited, stopped or removed. */
  | 'ROOT'
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

export function missing(): CgroupError {
  return new CgroupError('MISSING', 'there is no such cgroup');
}

/**
 * Runs `body`. ENODEV is what files of a cgroup say that is being removed.
 *
 * @throws CgroupError MISSING when the cgroup has gone, unless `otherwise` does something else
 */
export function unlessGone<T>(
  body: () => T,
  otherwise = (): T => {
    throw missing();
  },
): T {
  try {
    return body();
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENODEV')) return otherwise();
    throw error;
  }
}
