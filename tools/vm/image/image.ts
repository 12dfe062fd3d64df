import { existsSync, mkdirSync, mkdtempSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from '../command.ts';
import { locked } from '../lock.ts';
import { during } from '../progress.ts';
import { prune } from './cache.ts';
import { candidates, debianRelease, installMissing, type Package, updateLists } from './debian.ts';
import { completeRoot, installRoot, writeDisk } from './disk.ts';
import { initramfs } from './initramfs.ts';
import { unpackKernel, writeKernel } from './kernel.ts';
import { imageKey } from './key.ts';
import { guestPackages, hostPackages, kernelPackage } from './packages.ts';

/** What a machine is started from: files that many machines may read at once. */
export interface Image {
  readonly kernel: string;
  readonly initramfs: string;
  readonly disk: string;
}

/** Finds the image for the packages that apt knows, or makes it. */
export async function image(cache: string, signal: AbortSignal): Promise<Image> {
  await installMissing(hostPackages, signal);
  const release = debianRelease();
  const known = packages();
  const made = known && found(cache, imageKey(release, known));
  if (made) return made;

  mkdirSync(cache, { recursive: true });
  return locked(join(cache, 'lock'), signal, async () => {
    // Mirrors keep only the newest versions, so what is downloaded now are those.
    await updateLists(signal);
    const current = packages();
    if (!current) throw new Error(`apt knows no ${[kernelPackage, ...guestPackages].join(', ')}`);
    const key = imageKey(release, current);
    return found(cache, key) ?? (await make(cache, key, release, current, signal));
  });
}

function packages(): Package[] | undefined {
  const names = [kernelPackage, ...guestPackages];
  const packages = candidates(names);
  return packages.length === names.length ? packages : undefined;
}

function found(cache: string, key: string): Image | undefined {
  const directory = join(cache, key);
  if (!existsSync(directory)) return undefined;
  const now = new Date();
  utimesSync(directory, now, now); // It is in use: not to be pruned.
  return imageIn(directory);
}

function imageIn(directory: string): Image {
  return {
    kernel: join(directory, 'vmlinux'),
    initramfs: join(directory, 'initramfs.cpio'),
    disk: join(directory, 'disk.ext4'),
  };
}

async function make(
  cache: string,
  key: string,
  release: string,
  packages: readonly Package[],
  signal: AbortSignal,
): Promise<Image> {
  const work = mkdtempSync(join(cache, 'making-'));
  const [root, kernel, done] = [join(work, 'root'), join(work, 'kernel'), join(work, 'image')];
  for (const directory of [kernel, done]) mkdirSync(directory);
  const { kernel: kernelFile, initramfs: initramfsFile, disk } = imageIn(done);
  try {
    const kernelName = packages.find(({ name }) => name === kernelPackage)?.depends[0];
    if (!kernelName) throw new Error(`${kernelPackage} depends on no kernel`);
    const kernelRelease = await during(`Downloading ${kernelName}`, async () => {
      const found = await unpackKernel(kernelName, kernel, signal);
      await writeKernel(join(kernel, `boot/vmlinuz-${found}`), kernelFile, signal);
      return found;
    });
    await during(`Installing ${guestPackages.join(', ')} in a new root`, () =>
      installRoot(release, guestPackages, root, signal),
    );
    await during('Making the disk', async () => {
      await completeRoot(root, { kernel, release: kernelRelease }, signal);
      writeFileSync(initramfsFile, await initramfs(root, kernelRelease, signal));
      await writeDisk(root, disk, signal);
    });
    renameSync(done, join(cache, key));
    prune(cache);
    return imageIn(join(cache, key));
  } finally {
    // Whatever an interrupted installation may have left mounted there stays untouched.
    await output(['rm', '-rf', '--one-file-system', work]);
  }
}
