/** Encodes a device number as the kernel's `new_encode_dev` does (32 bits: 12 major, 20 minor). */
export function makedev(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}
