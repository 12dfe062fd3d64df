import { describe, expect, test } from 'vitest';
import { fieldMask, flagSets, isEnumeration } from '../src/flags.ts';
import {
  CLONE_INTO_CGROUP,
  CLONE_NEWNS,
  describeFlags,
  F_DUPFD,
  FSCONFIG_SET_FLAG,
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NOSUID,
  MS_NOSUID,
  MS_REC,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_PATH,
  O_RDWR,
  O_TMPFILE,
  O_WRONLY,
  RLIMIT_NOFILE,
  S_IFBLK,
  SOCK_CLOEXEC,
  SOCK_SEQPACKET,
} from '../src/index.ts';

describe('describeFlags', () => {
  test.each<[set: string, value: number | bigint, written: string]>([
    ['O', 0, '0'],
    ['O', O_PATH | O_CLOEXEC, 'O_PATH|O_CLOEXEC'],
    ['O', O_WRONLY | O_CREAT | O_CLOEXEC, 'O_WRONLY|O_CREAT|O_CLOEXEC'],
    ['O', O_DIRECTORY, 'O_DIRECTORY'],
    ['O', O_TMPFILE | O_RDWR, 'O_RDWR|O_TMPFILE'],
    ['O', O_PATH | 0x40000000, 'O_PATH|0x40000000'],
    ['MS', MS_NOSUID | MS_REC, 'MS_NOSUID|MS_REC'],
    ['S', S_IFBLK | 0o660, 'S_IFBLK|0660'],
    ['S', 0o755, '0755'],
    ['MOUNT_ATTR', MOUNT_ATTR__ATIME, 'MOUNT_ATTR__ATIME'],
    ['MOUNT_ATTR', MOUNT_ATTR_NOATIME | MOUNT_ATTR_NOSUID, 'MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOATIME'],
    ['SOCK', SOCK_SEQPACKET | SOCK_CLOEXEC, 'SOCK_SEQPACKET|SOCK_CLOEXEC'],
    ['CLONE', BigInt(CLONE_NEWNS) + BigInt(CLONE_INTO_CGROUP), 'CLONE_NEWNS|CLONE_INTO_CGROUP'],
    ['RLIMIT', RLIMIT_NOFILE, 'RLIMIT_NOFILE'],
    ['RLIMIT', 99, '0x63'],
    ['F', F_DUPFD, 'F_DUPFD'],
    ['FSCONFIG', FSCONFIG_SET_FLAG, 'FSCONFIG_SET_FLAG'],
    ['SIG', 0, '0'],
    ['AT', 0x200, 'AT_REMOVEDIR'],
    ['AT_ACCESS', 0x200, 'AT_EACCESS'],
    ['OPEN_TREE', 0x88001, 'OPEN_TREE_CLONE|AT_RECURSIVE|OPEN_TREE_CLOEXEC'],
    ['W', 1, 'WNOHANG'],
    ['P', 1, 'P_PID'],
    ['PR', 1, 'PR_SET_PDEATHSIG'],
    ['PR_CAP_AMBIENT', 2, 'PR_CAP_AMBIENT_RAISE'],
    ['SIGSET', (1n << 14n) | (1n << 16n), 'SIGTERM|SIGCHLD'],
    ['no such set', 0x11, '0x11'],
  ])('%s %s is %s', (set, value, written) => {
    expect(describeFlags(set, value)).toBe(written);
  });

  test('a negative number is a 64-bit word', () => {
    expect(describeFlags('MNT', -1)).toBe(
      'MNT_FORCE|MNT_DETACH|MNT_EXPIRE|UMOUNT_NOFOLLOW|0xfffffffffffffff0',
    );
  });
});

// A set that is generated tomorrow must be classified: its values are combined, or picked.
test.each(flagSets().filter((set) => !isEnumeration(set)))('%s holds flags', (set) => {
  const mask = fieldMask(set);
  let taken = 0n;
  for (let place = 0n; place < 64n; place++) {
    const bit = 1n << place;
    if ((bit & mask) !== 0n) continue;
    const name = describeFlags(set, bit);
    expect(name).not.toContain('|');
    if (!name.startsWith('0')) taken |= bit;
  }
  expect(taken & mask).toBe(0n);
});
