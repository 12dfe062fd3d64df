import {
  type Fd,
  type Kernel,
  type Lane,
  type Memory,
  SOCK_CLOEXEC,
  SOCK_SEQPACKET,
} from '@oci/kernel';

/** Two 64-bit words: which step failed, and its error number. */
const REPORT_BYTES = 16;
const other: Record<Lane, Lane> = { host: 'container', container: 'host' };

/**
 * How the two lanes signal each other: a pair of sequenced-packet sockets (unix(7)). A signal is a
 * message of one byte; a failure report is one of sixteen; the end of the stream is the other
 * lane's death or its exec, since both ends close on exec.
 *
 * Signals are counted, not named: each lane posts in a fixed order, so waiting for the n-th implies
 * all before it.
 */
export class Channel {
  #ends: Record<Lane, Fd> | undefined;
  #message: Memory | undefined;
  readonly #received: Record<Lane, number> = { host: 0, container: 0 };

  /** Makes the sockets, in the host lane before the clone. */
  open(k: Kernel): void {
    const ends = k.memory('channel', 8);
    k.socketpair(SOCK_SEQPACKET | SOCK_CLOEXEC, ends);
    this.#ends = { host: k.load(ends, 0, 4), container: k.load(ends, 4, 4) };
    this.#message = k.memory('message', REPORT_BYTES);
  }

  /** Keeps a lane's own end only, so that the death of the other lane ends the stream. */
  keep(k: Kernel, lane: Lane): void {
    k.close(this.end(other[lane]));
  }

  /** The descriptor that a lane writes to, for its failure report. */
  end(lane: Lane): Fd {
    if (!this.#ends) throw new Error('the channel is not open');
    return this.#ends[lane];
  }

  /** Tells the other lane that the next of its waits is over. */
  post(k: Kernel, lane: Lane): void {
    // A lane that has failed is gone, but its report is still to be read.
    k.write(this.end(lane), Uint8Array.of(1), 1, { allow: ['EPIPE', 'ECONNRESET'] });
  }

  /** Waits until the other lane has posted `count` times in all. */
  wait(k: Kernel, lane: Lane, count: number): void {
    for (; this.#received[lane] < count; this.#received[lane]++) {
      const length = this.#receive(k, lane);
      k.when({ left: length, relation: '==', right: 0 }, () => {
        if (lane === 'host') k.fail('the container process ended before it was set up');
        // Nobody is left to report to.
        else k.exit_group(1);
      });
    }
  }

  /** Waits, in the host lane, until the container lane has made its exec, or reports a failure. */
  waitForExec(k: Kernel): void {
    this.#receive(k, 'host');
  }

  #receive(k: Kernel, lane: Lane): Fd {
    const message = this.#message;
    if (!message) throw new Error('the channel is not open');
    const read = () => k.read(this.end(lane), message, REPORT_BYTES);
    // A lane that went without reading all its signals resets the connection; that is told first,
    // and once, before what it had still sent.
    const length = k.attempt(['ECONNRESET'], read, read);
    if (lane === 'host')
      k.when({ left: length, relation: '==', right: REPORT_BYTES }, () =>
        k.raise(k.load(message, 0, 8), k.load(message, 8, 8)),
      );
    return length;
  }
}
