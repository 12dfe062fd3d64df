import {
  closeSync,
  constants,
  fchmodSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Writes an executable file so that its name always stands for a whole one: the old or the new. */
export function writeExecutable(path: string, bytes: Uint8Array): void {
  const target = resolve(path);
  const part = join(dirname(target), `.${basename(target)}.${process.pid}`);
  try {
    writeNew(part, bytes);
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function writeNew(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o700);
  try {
    writeFileSync(fd, bytes);
    // Whatever the umask: the file is made to be run.
    fchmodSync(fd, 0o755);
  } finally {
    closeSync(fd);
  }
}
