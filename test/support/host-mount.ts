import { mkdirSync } from 'node:fs';
import { run } from './ocirun.ts';

/**
 * Mounts a tmpfs on the host while a body runs; nothing of it is left.
 *
 * @param options as mount(8) takes them: `nosuid,nodev`
 */
export async function withTmpfs<T>(
  path: string,
  options: string,
  body: () => Promise<T>,
): Promise<T> {
  mkdirSync(path, { recursive: true });
  await must('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', path);
  try {
    return await body();
  } finally {
    await must('umount', path);
  }
}

async function must(command: string, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
