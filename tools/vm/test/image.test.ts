import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheDirectory, prune } from '../image/cache.ts';
import { debianRelease, parsePackages } from '../image/debian.ts';
import { insmods } from '../image/initramfs.ts';
import { compressedKernel } from '../image/kernel.ts';
import { imageKey } from '../image/key.ts';

test('reads what apt shows of packages', () => {
  const shown = `Package: linux-image-amd64
Source: linux-signed-amd64 (6.1.192+2)
Version: 6.1.192-2
Depends: linux-image-6.1.0-56-amd64 (= 6.1.192-2), initramfs-tools | linux-initramfs-tool
Description: Linux for 64-bit PCs
 Version: not a field

Package: kmod
Version: 30

Package: virtual
State: not a real package (virtual)
`;
  expect(parsePackages(shown)).toEqual([
    {
      name: 'linux-image-amd64',
      version: '6.1.192-2',
      depends: ['linux-image-6.1.0-56-amd64', 'initramfs-tools'],
    },
    { name: 'kmod', version: '30', depends: [] },
  ]);
});

test('knows the release of a Debian', () => {
  expect(debianRelease('ID=debian\nVERSION_CODENAME=bookworm\n')).toBe('bookworm');
  const other = 'ID=ubuntu\nVERSION_CODENAME="noble"\n';
  expect(() => debianRelease(other)).toThrow('on Debian');
});

test('names an image by release, versions and recipe, in any order', () => {
  const pack = (name: string, version: string) => ({ name, version, depends: [] });
  const [a, b] = [pack('a', '1'), pack('b', '2')];
  const key = imageKey('bookworm', [a, b], 'recipe');
  expect(key).toMatch(/^bookworm-[0-9a-f]{16}$/);
  expect(imageKey('bookworm', [b, a], 'recipe')).toBe(key);
  expect(imageKey('trixie', [a, b], 'recipe')).not.toBe(key);
  expect(imageKey('bookworm', [a, pack('b', '3')], 'recipe')).not.toBe(key);
  expect(imageKey('bookworm', [a, b], 'other')).not.toBe(key);
});

test('finds the xz stream of a kernel behind its setup sectors', () => {
  const stream = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3]);
  const bzImage = Buffer.alloc(4096);
  bzImage.writeUInt8(2, 0x1f1); // setup sectors, beside the first
  bzImage.writeUInt32LE(16, 0x248);
  bzImage.writeUInt32LE(stream.length + 4, 0x24c);
  stream.copy(bzImage, 3 * 512 + 16);
  expect(compressedKernel(bzImage)).toEqual(stream);

  bzImage.writeUInt8(0x28, 3 * 512 + 16); // zstd
  expect(compressedKernel(bzImage)).toBeUndefined();
});

test('loads each module once, in modprobe’s order', () => {
  const text = 'insmod /lib/a.ko \nbuiltin b\ninsmod /lib/c.ko x=1\ninsmod /lib/a.ko \n';
  expect(insmods(text)).toEqual(['/lib/a.ko', '/lib/c.ko']);
});

test('keeps images in the user’s cache, or the system’s', () => {
  expect(cacheDirectory({ XDG_CACHE_HOME: '/home/me/.cache' })).toBe('/home/me/.cache/ocirun-vm');
  expect(cacheDirectory({})).toBe('/var/cache/ocirun-vm');
});

test('drops images that nobody used for a week', () => {
  const cache = mkdtempSync(join(tmpdir(), 'ocirun-vm-cache-'));
  try {
    const now = Date.now();
    for (const [name, days] of [
      ['used', 6],
      ['unused', 8],
    ] as const) {
      mkdirSync(join(cache, name));
      const time = new Date(now - days * 24 * 60 * 60 * 1000);
      utimesSync(join(cache, name), time, time);
    }
    writeFileSync(join(cache, 'lock'), '');
    prune(cache, now);
    expect(readdirSync(cache).sort()).toEqual(['lock', 'used']);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
