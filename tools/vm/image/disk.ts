import { join } from 'node:path';
import { output } from '../command.ts';

/** Installs packages into a new root directory. */
export async function installRoot(
  release: string,
  packages: readonly string[],
  root: string,
  signal: AbortSignal,
): Promise<void> {
  const unread = ['doc', 'info', 'locale', 'man'].map((name) => `/usr/share/${name}/*`);
  await output(
    [
      'mmdebstrap',
      '--mode=root',
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      ...unread.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
      release,
      root,
    ],
    { signal },
  );
}

/** Gives the root its kernel's modules, and an ordinary user with id 1000 and subordinate ids. */
export async function completeRoot(
  root: string,
  { kernel, release }: { readonly kernel: string; readonly release: string },
  signal: AbortSignal,
): Promise<void> {
  const modules = join(root, 'usr/lib/modules');
  await output(['mkdir', '-p', modules], { signal });
  await output(['cp', '-a', join(kernel, 'lib/modules', release), modules], { signal });
  await output(['chroot', root, 'depmod', release], { signal });
  const user = ['useradd', '--uid', '1000', '--create-home', '--shell', '/bin/sh', 'user'];
  await output(['chroot', root, ...user], { signal });
}

/** Makes a file system of a directory: sparse, with room for what tests write. */
export async function writeDisk(root: string, file: string, signal: AbortSignal): Promise<void> {
  // Nothing is ever written back, so it needs no journal.
  const options = ['-q', '-t', 'ext4', '-O', '^has_journal', '-E', 'nodiscard'];
  await output(['mke2fs', ...options, '-d', root, file, '4G'], { signal });
}
