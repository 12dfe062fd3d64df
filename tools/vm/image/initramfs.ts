import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { output } from '../command.ts';
import { archive, type Entry } from '../cpio.ts';

/** Debian's kernel has everything as a module, even what its root is on. */
const modules = ['virtio_pci', 'virtio_blk', 'ext4'];

/**
 * What every start of the machine begins with: a shell, and the modules that the disk needs, as
 * `modules/NN-name.ko` in the order in which they must be loaded. The rest comes with the job.
 */
export async function initramfs(
  root: string,
  release: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const query = ['modprobe', '--set-version', release, '--show-depends', '--all', ...modules];
  const files = insmods(String(await output(['chroot', root, ...query], { signal })));
  return archive([
    ...['bin', 'modules'].map((path): Entry => ({ type: 'directory', path })),
    executable('bin/busybox', join(root, 'bin/busybox')),
    ...files.map((file, index) =>
      executable(`modules/${10 + index}-${basename(file)}`, join(root, file)),
    ),
  ]);
}

/** The files of modprobe's `insmod FILE [PARAMETERS]` lines, each once. */
export function insmods(text: string): string[] {
  const files = [...text.matchAll(/^insmod (\S+)/gm)].map((match) => match[1] ?? '');
  return [...new Set(files)];
}

function executable(path: string, from: string): Entry {
  return { type: 'file', path, mode: 0o755, content: readFileSync(from) };
}
