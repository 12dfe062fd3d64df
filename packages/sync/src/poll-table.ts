import { compare, type Fd, type Kernel, type Memory } from '@oci/kernel';

/** `struct pollfd` (poll(2)). */
const POLLFD_BYTES = 8;
const EVENTS = 4;
const REVENTS = 6;

/** A table of what ppoll(2) waits for. */
export class PollTable {
  readonly memory: Memory;
  readonly count: number;

  constructor(k: Kernel, count: number) {
    this.count = count;
    this.memory = k.memory('poll', count * POLLFD_BYTES);
  }

  watch(k: Kernel, entry: number, fd: Fd, events: number): void {
    k.store(this.memory, entry * POLLFD_BYTES, 4, fd);
    k.store(this.memory, entry * POLLFD_BYTES + EVENTS, 2, events);
  }

  /** Passes over an entry from now on (poll(2), a negative descriptor). */
  forget(k: Kernel, entry: number): void {
    this.watch(k, entry, 0xffff_ffff, 0);
  }

  /** Waits until something is ready; a stop and a continue interrupt it (signal(7)). */
  wait(k: Kernel): void {
    const ready = k.ppoll(this.memory, this.count, { allow: ['EINTR'] });
    // What it said the last time is still there then.
    k.when(compare(ready, '<', 0), () => {
      for (let entry = 0; entry < this.count; entry++)
        k.store(this.memory, entry * POLLFD_BYTES + REVENTS, 2, 0);
    });
  }

  whenReady(k: Kernel, entry: number, body: () => void): void {
    const revents = k.load(this.memory, entry * POLLFD_BYTES + REVENTS, 2);
    k.when(compare(revents, '!=', 0), body);
  }
}
