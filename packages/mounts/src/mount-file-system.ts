import {
  AT_EMPTY_PATH,
  type Fd,
  type Kernel,
  MOUNT_ATTR_RDONLY,
  STATX_TYPE,
  type Value,
} from '@oci/kernel';
import { attach } from './attach.ts';
import { setPropagation } from './attributes.ts';
import { copyTree } from './copy-tree.ts';
import type { MountEntry, MountPlace } from './entry.ts';
import { type FileSystem, makeFileSystem, needsMountCall } from './file-system.ts';
import { copyHostMount, hideHostCgroups, hostPathOf } from './host-mounts.ts';
import { mountByCall } from './mount-call.ts';
import { directory, makeDirectory, openDirectory } from './mountpoint.ts';
import { combine } from './options.ts';
import { refuseProcfs, requireProcfs } from './procfs.ts';
import { permissions, statxMemory } from './statx.ts';

/** Where a mount is attached: at a descriptor, or under a name in a directory that is kept open. */
interface Mountpoint {
  readonly at: Fd;
  readonly name: string;
  /** The permission bits that a tmpfs takes over. */
  readonly mode?: Value;
}

/** A mount as it is first made. */
interface NewMount extends FileSystem {
  /** MOUNT_ATTR_* bits. */
  readonly attributes: number;
  /** To become read-only when all that goes into it is made. */
  readonly readonlyLater: boolean;
}

/** /dev gets its nodes later, and other mounts may need mount points in a tmpfs. */
function newMount({ type, source, path, options }: MountEntry): NewMount {
  // A new file system is a single mount: the recursive options mean it alone.
  const { set } = combine(options.attributes, options.recursive);
  const readonlyLater = (set & MOUNT_ATTR_RDONLY) !== 0 && (type === 'tmpfs' || path === 'dev');
  const superblock = new Map(options.superblock);
  if (readonlyLater) superblock.delete('ro');
  return {
    type,
    source,
    options: { superblock, data: options.data },
    attributes: readonlyLater ? set & ~MOUNT_ATTR_RDONLY : set,
    readonlyLater,
  };
}

/** Mounts a file system (fsopen(2) and its companions, Linux 5.2). */
export function mountFileSystem(k: Kernel, entry: MountEntry, place: MountPlace): void {
  const fresh = newMount(entry);
  const mount = needsMountCall(fresh)
    ? mountAtPath(k, entry, place, fresh)
    : attachNew(k, entry, place, fresh);

  if (fresh.readonlyLater)
    place.provisions.readonlyLater.push({ what: `${entry.what}: make it read-only`, mount });
  else if (entry.type === 'tmpfs' && !entry.options.copyUp)
    place.directories.add(entry.path, mount);
  else k.close(mount);
}

function attachNew(k: Kernel, entry: MountEntry, place: MountPlace, fresh: NewMount): Fd {
  const parent = entry.options.copyUp ? undefined : place.directories.parentOf(entry.path);
  const point: Mountpoint =
    parent === undefined
      ? findMountpoint(k, entry, place)
      : makeMountpoint(k, parent, entry.path.slice(entry.path.lastIndexOf('/') + 1));
  const host = place.inUserNamespace ? hostPathOf(entry.type) : undefined;
  const mount =
    host === undefined
      ? makeFileSystem(k, fresh, fresh.attributes, point.mode)
      : makeOrCopy(k, entry, fresh, host);
  if (entry.options.copyUp)
    k.doing('copy what it covers (tmpcopyup)', () => copyTree(k, point.at, mount));
  setPropagation(k, mount, entry.options.propagation);
  attach(k, mount, point.at, point.name);
  if (entry.type === 'sysfs' && host !== undefined) hideHostCgroups(k, mount);
  if (parent === undefined) k.close(point.at);
  return mount;
}

/** A new file system, or the host's where the user namespace forbids a new one. */
function makeOrCopy(k: Kernel, { path }: MountEntry, fresh: NewMount, host: string): Fd {
  return k.attempt(
    ['EPERM'],
    () => makeFileSystem(k, fresh, fresh.attributes),
    () => {
      const copy = copyHostMount(k, host, fresh.attributes);
      if (path === 'proc') requireProcfs(k, copy);
      return copy;
    },
  );
}

function makeMountpoint(k: Kernel, parent: Fd, name: string): Mountpoint {
  k.mkdirat(parent, name, 0o755);
  return { at: parent, name };
}

function findMountpoint(k: Kernel, entry: MountEntry, place: MountPlace): Mountpoint {
  place.directories.forget(k);
  const { rootfs } = place;
  const { type, path, options } = entry;
  const takesMode = type === 'tmpfs' && !options.data.some(({ key }) => key === 'mode');
  if (takesMode) return tmpfsMountpoint(k, rootfs, entry);
  const at = directory(k, rootfs, path, mustBeOrdinary(entry));
  refuseInProcfs(k, entry, at);
  return { at, name: '' };
}

/** As runc: no symbolic link decides where the runtime's own /proc and /sys are. */
function mustBeOrdinary({ type, options }: MountEntry): { ordinary: boolean } {
  return { ordinary: type === 'proc' || type === 'sysfs' || options.noFollow.destination };
}

function refuseInProcfs(k: Kernel, { type, path, afterProc }: MountEntry, target: Fd): void {
  if (afterProc && type !== 'proc') refuseProcfs(k, path, target);
}

/** As runc: a tmpfs takes over the mode of the directory that it covers; a new one has 1777. */
function tmpfsMountpoint(k: Kernel, rootfs: Fd, entry: MountEntry): Mountpoint {
  const ordinary = mustBeOrdinary(entry);
  const mode = k.variable('mode', 0o1777);
  const at = k.attempt(
    ['ENOENT'],
    () => {
      const found = openDirectory(k, rootfs, entry.path, ordinary);
      const statx = statxMemory(k);
      k.statx(found, '', AT_EMPTY_PATH, STATX_TYPE, statx);
      k.set(mode, permissions(k, statx));
      return found;
    },
    () => makeDirectory(k, rootfs, entry.path, ordinary),
  );
  refuseInProcfs(k, entry, at);
  return { at, name: '', mode: mode.value };
}

/** Mounts with mount(2), and opens what is then at the path. */
function mountAtPath(k: Kernel, entry: MountEntry, place: MountPlace, fresh: NewMount): Fd {
  place.directories.forget(k);
  const ordinary = mustBeOrdinary(entry);
  const target = directory(k, place.rootfs, entry.path, ordinary);
  refuseInProcfs(k, entry, target);
  mountByCall(k, fresh, fresh.attributes, target);
  k.close(target);
  const mount = openDirectory(k, place.rootfs, entry.path, ordinary);
  setPropagation(k, mount, entry.options.propagation);
  return mount;
}
