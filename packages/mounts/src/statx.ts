import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  compare,
  type Fd,
  type Kernel,
  type Memory,
  S_IFMT,
  STATX_BYTES,
  STATX_TYPE,
  STX_GID,
  STX_MODE,
  STX_RDEV_MAJOR,
  STX_RDEV_MINOR,
  STX_SIZE,
  STX_UID,
  type Value,
} from '@oci/kernel';

/** Room for one answer. Each stage has its own, as stages may run beside each other. */
export function statxMemory(k: Kernel): Memory {
  return k.memory('statx', STATX_BYTES);
}

/** The S_IF* bits of what statx(2) told. */
export function fileType(k: Kernel, statx: Memory): Value {
  return k.compute(k.load(statx, STX_MODE, 2), '&', S_IFMT);
}

/** Type and permission bits, as mknod(2) takes them. */
export function fileMode(k: Kernel, statx: Memory): Value {
  return k.load(statx, STX_MODE, 2);
}

/** The permission bits of what statx(2) told. */
export function permissions(k: Kernel, statx: Memory): Value {
  return k.compute(k.load(statx, STX_MODE, 2), '&', 0o7777);
}

/** Who owns it. */
export function owner(k: Kernel, statx: Memory): { readonly uid: Value; readonly gid: Value } {
  return { uid: k.load(statx, STX_UID, 4), gid: k.load(statx, STX_GID, 4) };
}

/** A file's length in bytes. */
export function fileSize(k: Kernel, statx: Memory): Value {
  return k.load(statx, STX_SIZE, 8);
}

/** The number of the device that a node stands for, as mknod(2) takes it (see `makedev`). */
export function deviceNumber(k: Kernel, statx: Memory): Value {
  const major = k.compute(k.load(statx, STX_RDEV_MAJOR, 4), '<<', 8);
  const minor = k.load(statx, STX_RDEV_MINOR, 4);
  const high = k.compute(k.compute(minor, '&', 0xfff00), '<<', 12);
  return k.compute(k.compute(k.compute(minor, '&', 0xff), '|', major), '|', high);
}

/** A device node's identity; for a FIFO the numbers are 0. */
export interface DeviceNumber {
  /** S_IFCHR, S_IFBLK or S_IFIFO. */
  readonly type: number;
  readonly major: number;
  readonly minor: number;
}

/** Fails the start unless the path, or with '' the descriptor itself, is this very device. */
export function requireDevice(
  k: Kernel,
  directory: Fd,
  path: string,
  device: DeviceNumber,
  message: string,
  statx: Memory,
): void {
  const flags = path === '' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
  k.statx(directory, path, flags, STATX_TYPE, statx);
  const require = (found: Value, wanted: number) =>
    k.when(compare(found, '!=', wanted), () => k.fail(message));
  require(fileType(k, statx), device.type);
  require(k.load(statx, STX_RDEV_MAJOR, 4), device.major);
  require(k.load(statx, STX_RDEV_MINOR, 4), device.minor);
}
