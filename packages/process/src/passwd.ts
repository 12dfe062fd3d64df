import {
  AT_EMPTY_PATH,
  compare,
  type Fd,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
  S_IFMT,
  S_IFREG,
  STATX_BYTES,
  STATX_TYPE,
  STX_MODE,
} from '@oci/kernel';
import type { InRoot } from './in-root.ts';
import { PasswdScanner } from './passwd-scanner.ts';

const CHUNK = 4096;
/** 64 KiB in all: a passwd file that is longer was not made for people. */
const CHUNKS = 16;

/**
 * Looks a user's home directory up in the container's /etc/passwd (passwd(5)) and leaves
 * `HOME=/root` in the memory that it returns: `HOME=/` where there is no such user, or no such
 * file that could be trusted.
 */
export function recordHome(k: Kernel, uid: number, { directory, resolve }: InRoot): Memory {
  const scanner = new PasswdScanner(k, uid);
  // A FIFO without a writer would otherwise never open.
  const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const file = k.openat2(directory, '/etc/passwd', { flags, resolve }, { allow: 'any' });
  k.when(compare(file, '>=', 0), () => {
    const statx = k.memory('passwd.statx', STATX_BYTES);
    k.statx(file, '', AT_EMPTY_PATH, STATX_TYPE, statx);
    const type = k.compute(k.load(statx, STX_MODE, 2), '&', S_IFMT);
    k.when(compare(type, '==', S_IFREG), () => scan(k, file, scanner));
    k.close(file);
  });
  scanner.finish();
  return scanner.home;
}

function scan(k: Kernel, file: Fd, scanner: PasswdScanner): void {
  const chunk = k.memory('passwd', CHUNK);
  const chunks = k.variable('passwd.chunks', 0);
  k.loop((leave) => {
    const count = k.read(file, chunk, CHUNK, { allow: 'any' });
    k.when(compare(count, '<=', 0), () => {
      k.when(compare(count, '==', 0), () => scanner.endOfLine());
      leave();
    });
    scanner.scan(chunk, count);
    k.when(compare(scanner.done, '!=', 0), leave);
    k.set(chunks, k.compute(chunks.value, '+', 1));
    k.when(compare(chunks.value, '==', CHUNKS), leave);
  });
}
