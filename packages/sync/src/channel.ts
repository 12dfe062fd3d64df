import {
  type Cell,
  compare,
  type Fd,
  type Kernel,
  type Lane,
  type Memory,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_SEQPACKET,
  type Value,
} from '@oci/kernel';
import { interruptions, waitFor } from './interruption.ts';

/** Two 64-bit words: which step failed, and its error number. */
const REPORT_BYTES = 16;
const NUMBER_BYTES = 8;

export interface ChannelOptions {
  /** The container lane hands numbers over, too ({@link Channel.tell}). */
  readonly numbers?: boolean;
  /** What may have ended a container lane that has not reported why. */
  readonly suspects?: readonly string[];
}

const other: Record<Lane, Lane> = { host: 'container', container: 'host' };

/**
 * How the two lanes signal each other: a pair of sequenced-packet sockets (unix(7)). A signal is a
 * message of one byte; a failure report is one of sixteen; a number is one of eight; the end of the
 * stream is the other lane's death or its exec, since both ends close on exec.
 *
 * Signals are counted, not named: each lane posts in a fixed order, so waiting for the n-th implies
 * all before it.
 */
export class Channel {
  #ends: Record<Lane, Fd> | undefined;
  #message: Memory | undefined;
  /** The number told last. */
  #told: Memory | undefined;
  /** By which the host lane's waits are interrupted. */
  #signals: Fd | undefined;
  readonly #numbers: boolean;
  readonly #endedMessage: string;
  readonly #received: Record<Lane, number> = { host: 0, container: 0 };

  constructor({ numbers = false, suspects = [] }: ChannelOptions = {}) {
    this.#numbers = numbers;
    this.#endedMessage = ['the container process ended before it was set up', ...suspects].join(
      '; ',
    );
  }

  /** Makes the sockets, in the host lane before the clone. */
  open(k: Kernel): void {
    const ends = k.memory('channel', 8);
    k.socketpair(SOCK_SEQPACKET | SOCK_CLOEXEC, ends);
    this.#ends = { host: k.load(ends, 0, 4), container: k.load(ends, 4, 4) };
    this.#message = k.memory('message', REPORT_BYTES);
    if (this.#numbers) this.#told = k.memory('told', NUMBER_BYTES);
  }

  /**
   * Keeps a lane's own end only, so that the death of the other lane ends the stream. From then on
   * signals interrupt the host lane's waits.
   */
  keep(k: Kernel, lane: Lane): void {
    k.close(this.end(other[lane]));
    if (lane === 'host') this.#signals = interruptions(k);
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
        if (lane === 'host') k.fail(this.#endedMessage);
        // Nobody is left to report to.
        else k.exit_group(1);
      });
    }
  }

  /** Hands a number to the host lane, which finds it once it has waited for a later signal. */
  tell(k: Kernel, value: number | Cell): void {
    if (!this.#told) throw new Error('the channel is not open for numbers');
    const memory = k.memory('number', NUMBER_BYTES);
    k.store(memory, 0, NUMBER_BYTES, value);
    k.write(this.end('container'), memory, NUMBER_BYTES);
  }

  /** The number that the container lane told last. */
  told(k: Kernel): number | Cell {
    if (!this.#told) throw new Error('the channel is not open for numbers');
    return k.load(this.#told, 0, NUMBER_BYTES);
  }

  /** Fails, in the host lane, as the container lane has reported, if it has; waits for nothing. */
  failAsReported(k: Kernel): void {
    const message = this.#buffer();
    const length = k.recvfrom(this.end('host'), message, REPORT_BYTES, MSG_DONTWAIT, {
      allow: ['EAGAIN'],
    });
    this.#raise(k, length, message);
  }

  /** Waits, in the host lane, until the container lane has made its exec, or reports a failure. */
  waitForExec(k: Kernel): void {
    this.#receive(k, 'host');
  }

  #receive(k: Kernel, lane: Lane): Fd {
    const message = this.#buffer();
    const signals = this.#signals;
    const read = () => {
      if (lane === 'host' && signals !== undefined) waitFor(k, this.end(lane), signals);
      return k.read(this.end(lane), message, REPORT_BYTES);
    };
    // A lane that went without reading all its signals resets the connection; that is told first,
    // and once, before what it had still sent.
    const receive = () => k.attempt(['ECONNRESET'], read, read);
    const told = this.#told;
    const length = lane === 'host' && told ? pastNumbers(k, receive, message, told) : receive();
    if (lane === 'host') this.#raise(k, length, message);
    return length;
  }

  #raise(k: Kernel, length: Value, message: Memory): void {
    k.when({ left: length, relation: '==', right: REPORT_BYTES }, () =>
      k.raise(k.load(message, 0, 8), k.load(message, 8, 8)),
    );
  }

  #buffer(): Memory {
    if (!this.#message) throw new Error('the channel is not open');
    return this.#message;
  }
}

/** Receives until the message is not a number, and keeps those that are. */
function pastNumbers(k: Kernel, receive: () => Fd, message: Memory, told: Memory): Fd {
  const length = k.variable('length', 0);
  k.loop((leave) => {
    k.set(length, receive());
    k.when(compare(length.value, '!=', NUMBER_BYTES), leave);
    k.store(told, 0, NUMBER_BYTES, k.load(message, 0, NUMBER_BYTES));
  });
  return length.value;
}
