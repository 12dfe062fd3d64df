import { writeSync } from 'node:fs';
import { failedWith } from '@oci/kernel';

/** The outside world of a command; tests give their own. */
export interface Io {
  /** @throws BrokenPipe when nobody reads any more. */
  stdout(text: string): void;
  stderr(text: string): void;
  now(): Date;
}

/** Whoever read our output has gone. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** Written at once, without Node's streams: they take longer to load than most commands to run. */
export const processIo: Io = {
  stdout: (text) => write(1, text),
  stderr(text) {
    try {
      write(2, text);
    } catch {
      // Nowhere is left to say so.
    }
  },
  now: () => new Date(),
};

function write(fd: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (failedWith(error, 'EPIPE')) throw new BrokenPipe();
      if (!failedWith(error, 'EAGAIN', 'EINTR')) throw error;
      pause();
    }
  }
}

/** A pipe that a caller made non-blocking is full. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
