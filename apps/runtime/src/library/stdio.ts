import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { O_CLOEXEC } from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';

/** What one of the container's standard streams is: this process's own, none, a pipe, or any descriptor. */
export type Stdio = 'inherit' | 'ignore' | 'pipe' | number;

/** The standard streams of one start: what the launcher gets, and our ends of pipes. */
export interface Streams {
  readonly descriptors: readonly number[];
  readonly sockets: readonly (Socket | undefined)[];
  /** Closes what only the launcher needs, once it has it. */
  handedOver(): void;
  /** Closes everything, when there is no launcher. */
  abandon(): void;
}

export function openStreams(kernel: LiveKernel, stdio: readonly Stdio[]): Streams {
  const theirs: number[] = [];
  const sockets: (Socket | undefined)[] = [];
  const descriptors = stdio.map((kind, fd) => {
    sockets.push(undefined);
    if (kind === 'inherit') return fd;
    if (typeof kind === 'number') return kind;
    if (kind === 'ignore') {
      theirs.push(openSync('/dev/null', fd === 0 ? 'r' : 'w'));
    } else {
      const ends = kernel.memory('ends', 8);
      kernel.pipe2(ends, O_CLOEXEC);
      const [read, write] = [Number(kernel.load(ends, 0, 4)), Number(kernel.load(ends, 4, 4))];
      const input = fd === 0;
      theirs.push(input ? read : write);
      sockets[fd] = new Socket({
        fd: input ? write : read,
        readable: !input,
        writable: input,
      });
    }
    return theirs.at(-1) ?? fd;
  });
  const handedOver = () => {
    for (const fd of theirs.splice(0)) closeSync(fd);
  };
  return {
    descriptors,
    sockets,
    handedOver,
    abandon: () => {
      handedOver();
      for (const socket of sockets) socket?.destroy();
    },
  };
}
