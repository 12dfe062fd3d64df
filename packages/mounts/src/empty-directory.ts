import {
  type Fd,
  type Kernel,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
} from '@oci/kernel';
import { attach } from './attach.ts';
import { makeFileSystem } from './file-system.ts';

const readonlyTmpfs = {
  type: 'tmpfs',
  source: 'tmpfs',
  options: { superblock: new Map([['ro', true]] as const), data: [] },
} as const;

/** A detached directory in which there is nothing and nothing can be made. */
export function emptyDirectory(k: Kernel): Fd {
  const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  return makeFileSystem(k, readonlyTmpfs, attributes);
}

/** Hides what is in a directory. */
export function coverDirectory(k: Kernel, directory: Fd): void {
  const cover = emptyDirectory(k);
  attach(k, cover, directory);
  k.close(cover);
}
