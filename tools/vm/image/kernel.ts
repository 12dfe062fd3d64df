import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '../command.ts';

/**
 * Downloads a kernel's package and unpacks it, without installing anything.
 * @param directory where `boot` and `lib/modules` appear
 * @returns the kernel's release, as `uname -r` says it
 */
export async function unpackKernel(
  name: string,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  await output(['apt-get', 'download', name], { cwd: directory, signal });
  const file = readdirSync(directory).find((entry) => entry.endsWith('.deb'));
  if (!file) throw new Error(`apt-get downloaded no package for ${name}`);
  await output(['dpkg-deb', '--extract', join(directory, file), directory], { signal });
  const [release] = readdirSync(join(directory, 'lib/modules'));
  if (!release) throw new Error(`${file} has no modules`);
  return release;
}

/**
 * Writes the kernel in the form that the emulator starts soonest: as ELF, entered by the PVH
 * protocol, for unpacking it takes an emulated processor two seconds. A kernel that isn't
 * compressed by xz is taken as it is.
 */
export async function writeKernel(bzImage: string, to: string, signal: AbortSignal) {
  const image = readFileSync(bzImage);
  const payload = compressedKernel(image);
  const kernel = payload ? await output(['xz', '-dc'], { input: payload, signal }) : image;
  writeFileSync(to, kernel);
}

const xzMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);

/**
 * The xz stream in a bzImage. Its header tells where it is, behind the setup sectors; the last four
 * bytes are the unpacked size. (Documentation/arch/x86/boot.rst: setup_sects, payload_offset,
 * payload_length)
 */
export function compressedKernel(bzImage: Buffer): Buffer | undefined {
  const protectedMode = ((bzImage.readUInt8(0x1f1) || 4) + 1) * 512;
  const offset = protectedMode + bzImage.readUInt32LE(0x248);
  const payload = bzImage.subarray(offset, offset + bzImage.readUInt32LE(0x24c) - 4);
  return payload.subarray(0, xzMagic.length).equals(xzMagic) ? payload : undefined;
}
