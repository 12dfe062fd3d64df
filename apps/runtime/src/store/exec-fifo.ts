import { closeSync, constants, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { failedWith } from '@oci/kernel';

const { O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/**
 * What a created container waits at. It holds the FIFO open for reading and writing and reads one
 * byte, so that opening it for writing succeeds exactly as long as the container waits.
 */
export class ExecFifo {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }

  /**
   * Whether the container still waits. A `start` that was killed half-way may leave the FIFO
   * beside a container that runs: then nobody has it open.
   */
  isAwaited(): boolean {
    try {
      return this.#open(() => true);
    } catch (error) {
      // Somebody else's container: there, but not ours to open.
      if (failedWith(error, 'EACCES', 'EPERM')) return true;
      throw error;
    }
  }

  /** Lets the container go on. False when nobody waits. */
  release(): boolean {
    return this.#open((fd) => writeSync(fd, '0') === 1);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  #open(use: (fd: number) => boolean): boolean {
    let fd: number;
    try {
      fd = openSync(this.path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW);
    } catch (error) {
      if (failedWith(error, 'ENOENT', 'ENXIO')) return false;
      throw error;
    }
    try {
      return fstatSync(fd).isFIFO() && use(fd);
    } catch (error) {
      if (failedWith(error, 'EPIPE')) return false;
      throw error;
    } finally {
      closeSync(fd);
    }
  }
}
