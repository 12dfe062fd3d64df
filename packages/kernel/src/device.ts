/** 12 and 20 bits (MAJOR and MINOR in the kernel's linux/kdev_t.h). */
const LARGEST = { major: 0xfff, minor: 0xfffff };

/**
 * Encodes a device number as the kernel's `new_encode_dev` does: 32 bits.
 * @throws RangeError for numbers that it has no room for: they would name another device.
 */
export function makedev(major: number, minor: number): number {
  if (major < 0 || major > LARGEST.major || minor < 0 || minor > LARGEST.minor)
    throw new RangeError(`there is no device ${major}:${minor}`);
  return ((minor & 0xff) | (major << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}
