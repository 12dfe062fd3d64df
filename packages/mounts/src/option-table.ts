import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '@oci/kernel';

/** What belongs to a file system as a whole, not to one mount of it. */
export type SuperblockFlag = 'ro' | 'sync' | 'dirsync' | 'lazytime' | 'mand' | 'iversion' | 'acl';

/** What one option string means. */
export interface MountOption {
  /** MOUNT_ATTR_* bits of the mount that it sets and clears. */
  readonly set?: number;
  readonly clear?: number;
  /** Sets and clears on the mounts beneath as well (AT_RECURSIVE). */
  readonly recursive?: true;
  readonly superblock?: readonly [flag: SuperblockFlag, on: boolean];
  /** One of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE. */
  readonly propagation?: number;
  /** Makes it a bind mount, of one mount or of all beneath it too. */
  readonly bind?: 'mount' | 'tree';
  readonly remount?: true;
  /** Copies into a tmpfs what it covers. */
  readonly copyUp?: true;
  /** Maps the owners of files, of one mount or of all beneath it too. */
  readonly idMap?: 'mount' | 'tree';
  /** Where the last component of the path is not followed when it is a symbolic link. */
  readonly noFollow?: 'source' | 'destination';
}

const atime = MOUNT_ATTR__ATIME;

/**
 * The options of config.md, "Linux mount options", as mount(8) and mount_setattr(2) mean them, and
 * those that runc and crun add. The access-time modes are one field of two bits, so that setting one clears the whole field. Without
 * any of them the kernel has used relatime since 2.6.30: that is what the opposites of the others
 * bring back, and why `norelatime` changes nothing.
 */
export const mountOptions: Readonly<Record<string, MountOption>> = {
  defaults: {},

  ro: { set: MOUNT_ATTR_RDONLY, superblock: ['ro', true] },
  rw: { clear: MOUNT_ATTR_RDONLY, superblock: ['ro', false] },
  nosuid: { set: MOUNT_ATTR_NOSUID },
  suid: { clear: MOUNT_ATTR_NOSUID },
  nodev: { set: MOUNT_ATTR_NODEV },
  dev: { clear: MOUNT_ATTR_NODEV },
  noexec: { set: MOUNT_ATTR_NOEXEC },
  exec: { clear: MOUNT_ATTR_NOEXEC },
  nosymfollow: { set: MOUNT_ATTR_NOSYMFOLLOW },
  symfollow: { clear: MOUNT_ATTR_NOSYMFOLLOW },
  nodiratime: { set: MOUNT_ATTR_NODIRATIME },
  diratime: { clear: MOUNT_ATTR_NODIRATIME },
  noatime: { set: MOUNT_ATTR_NOATIME, clear: atime },
  atime: { set: MOUNT_ATTR_RELATIME, clear: atime },
  relatime: { set: MOUNT_ATTR_RELATIME, clear: atime },
  norelatime: {},
  strictatime: { set: MOUNT_ATTR_STRICTATIME, clear: atime },
  nostrictatime: { set: MOUNT_ATTR_RELATIME, clear: atime },

  rro: { set: MOUNT_ATTR_RDONLY, recursive: true },
  rrw: { clear: MOUNT_ATTR_RDONLY, recursive: true },
  rnosuid: { set: MOUNT_ATTR_NOSUID, recursive: true },
  rsuid: { clear: MOUNT_ATTR_NOSUID, recursive: true },
  rnodev: { set: MOUNT_ATTR_NODEV, recursive: true },
  rdev: { clear: MOUNT_ATTR_NODEV, recursive: true },
  rnoexec: { set: MOUNT_ATTR_NOEXEC, recursive: true },
  rexec: { clear: MOUNT_ATTR_NOEXEC, recursive: true },
  rnosymfollow: { set: MOUNT_ATTR_NOSYMFOLLOW, recursive: true },
  rsymfollow: { clear: MOUNT_ATTR_NOSYMFOLLOW, recursive: true },
  rnodiratime: { set: MOUNT_ATTR_NODIRATIME, recursive: true },
  rdiratime: { clear: MOUNT_ATTR_NODIRATIME, recursive: true },
  rnoatime: { set: MOUNT_ATTR_NOATIME, clear: atime, recursive: true },
  ratime: { set: MOUNT_ATTR_RELATIME, clear: atime, recursive: true },
  rrelatime: { set: MOUNT_ATTR_RELATIME, clear: atime, recursive: true },
  rnorelatime: { recursive: true },
  rstrictatime: { set: MOUNT_ATTR_STRICTATIME, clear: atime, recursive: true },
  rnostrictatime: { set: MOUNT_ATTR_RELATIME, clear: atime, recursive: true },

  sync: { superblock: ['sync', true] },
  async: { superblock: ['sync', false] },
  dirsync: { superblock: ['dirsync', true] },
  lazytime: { superblock: ['lazytime', true] },
  nolazytime: { superblock: ['lazytime', false] },
  mand: { superblock: ['mand', true] },
  nomand: { superblock: ['mand', false] },
  iversion: { superblock: ['iversion', true] },
  noiversion: { superblock: ['iversion', false] },
  // What a file system has to say goes to its fsopen(2) context, where nobody reads it.
  silent: {},
  loud: {},

  shared: { propagation: MS_SHARED },
  slave: { propagation: MS_SLAVE },
  private: { propagation: MS_PRIVATE },
  unbindable: { propagation: MS_UNBINDABLE },
  rshared: { propagation: MS_SHARED, recursive: true },
  rslave: { propagation: MS_SLAVE, recursive: true },
  rprivate: { propagation: MS_PRIVATE, recursive: true },
  runbindable: { propagation: MS_UNBINDABLE, recursive: true },

  bind: { bind: 'mount' },
  rbind: { bind: 'tree' },
  remount: { remount: true },

  tmpcopyup: { copyUp: true },
  idmap: { idMap: 'mount' },
  ridmap: { idMap: 'tree' },

  // runc's own.
  acl: { superblock: ['acl', true] },
  noacl: { superblock: ['acl', false] },
  // crun's own.
  'src-nofollow': { noFollow: 'source' },
  'dest-nofollow': { noFollow: 'destination' },
};
