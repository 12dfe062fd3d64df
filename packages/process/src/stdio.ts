import {
  AT_EMPTY_PATH,
  compare,
  type Fd,
  type Kernel,
  STATX_BYTES,
  STATX_TYPE,
  STATX_UID,
  STX_RDEV_MAJOR,
  STX_RDEV_MINOR,
  STX_UID,
  type Stage,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';

/**
 * Gives stdio to a user other than root, as runc does: without that, /dev/stdout and its like cannot
 * be opened by who they are for. Never /dev/null, which may be the host's.
 */
export function stdioStages({ process }: RunnableConfig): Stage[] {
  const uid = process.user?.uid ?? 0;
  if (uid === 0) return [];
  return [
    {
      name: 'process.user.stdio',
      lane: 'container',
      category: 'Configuration',
      run: (k) =>
        k.doing('process.user: give stdio to the user', () => {
          for (const fd of [0, 1, 2]) give(k, fd, uid);
        }),
    },
  ];
}

function give(k: Kernel, fd: Fd, uid: number): void {
  const statx = k.memory('stdio', STATX_BYTES);
  const closed = { allow: ['EBADF'] } as const;
  const found = k.statx(fd, '', AT_EMPTY_PATH, STATX_TYPE | STATX_UID, statx, closed);
  const isNull = { major: 1, minor: 3 };
  const chown = () =>
    // An owner or group that the user namespace does not map, or a read-only filesystem.
    k.fchownat(fd, '', uid, -1, AT_EMPTY_PATH, { allow: ['EINVAL', 'EPERM', 'EROFS'] });
  k.when(compare(found, '==', 0), () =>
    k.when(compare(k.load(statx, STX_UID, 4), '!=', uid), () =>
      k.when(
        compare(k.load(statx, STX_RDEV_MAJOR, 4), '==', isNull.major),
        () => k.when(compare(k.load(statx, STX_RDEV_MINOR, 4), '!=', isNull.minor), chown),
        chown,
      ),
    ),
  );
}
