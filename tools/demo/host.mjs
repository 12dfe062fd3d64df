import { copyFileSync, existsSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Where programs and their libraries are, on one distribution or another. */
const programTrees = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix',
  '/gnu',
  '/etc/alternatives',
];

/** Files that programs look for at their start; copied. */
const files = ['/etc/ld.so.cache'];

/**
 * Gives a root file system this machine's programs. Nothing is copied but a cache file: links are
 * made again, and for each directory there is an empty one to mount it at.
 * @param {string} rootfs
 * @returns {string[]} the directories to be mounted, read-only
 */
export function shareHostPrograms(rootfs) {
  const trees = programTrees.filter((tree) => existsSync(tree));
  for (const link of trees.filter(isLink)) symlinkSync(readlinkSync(link), join(rootfs, link));
  for (const file of files.filter((path) => existsSync(path))) {
    copyFileSync(file, join(rootfs, file));
  }
  const directories = trees.filter((tree) => !isLink(tree));
  for (const directory of directories) mkdirSync(join(rootfs, directory), { recursive: true });
  return directories;
}

/** @param {string} path */
function isLink(path) {
  return lstatSync(path).isSymbolicLink();
}
