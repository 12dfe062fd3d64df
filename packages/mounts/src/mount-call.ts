import {
  type Fd,
  type Kernel,
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_DIRSYNC,
  MS_I_VERSION,
  MS_LAZYTIME,
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_POSIXACL,
  MS_RDONLY,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
  text,
} from '@oci/kernel';
import type { FileSystem } from './file-system.ts';
import type { SuperblockFlag } from './option-table.ts';
import { listed } from './security-context.ts';

const attributeFlags: readonly (readonly [attribute: number, flag: number])[] = [
  [MOUNT_ATTR_RDONLY, MS_RDONLY],
  [MOUNT_ATTR_NOSUID, MS_NOSUID],
  [MOUNT_ATTR_NODEV, MS_NODEV],
  [MOUNT_ATTR_NOEXEC, MS_NOEXEC],
  [MOUNT_ATTR_NODIRATIME, MS_NODIRATIME],
  [MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW],
];

const accessTimeFlags: Readonly<Record<number, number>> = {
  [MOUNT_ATTR_NOATIME]: MS_NOATIME,
  [MOUNT_ATTR_STRICTATIME]: MS_STRICTATIME,
};

const superblockFlags: Readonly<Record<SuperblockFlag, number>> = {
  // The mount's own MS_RDONLY is the superblock's as well.
  ro: 0,
  sync: MS_SYNCHRONOUS,
  dirsync: MS_DIRSYNC,
  lazytime: MS_LAZYTIME,
  mand: MS_MANDLOCK,
  iversion: MS_I_VERSION,
  acl: MS_POSIXACL,
};

/**
 * Makes a file system by mount(2), for what fsconfig(2) cannot say. The target is still a
 * descriptor's, by way of the host's /proc.
 */
export function mountByCall(
  k: Kernel,
  { type, source, options }: FileSystem,
  attributes: number,
  target: Fd,
): void {
  let flags = accessTimeFlags[attributes & MOUNT_ATTR__ATIME] ?? 0;
  for (const [attribute, flag] of attributeFlags) if (attributes & attribute) flags |= flag;
  for (const [flag, on] of options.superblock) if (on) flags |= superblockFlags[flag];
  const data = options.data.map(listed);
  k.mount(
    source ?? null,
    text`/proc/self/fd/${target}`,
    type,
    flags,
    data.length > 0 ? data.join(',') : null,
  );
}
