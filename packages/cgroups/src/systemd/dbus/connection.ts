import {
  AF_UNIX,
  compare,
  errnoNumber,
  type Fd,
  type Kernel,
  type Memory,
  MSG_NOSIGNAL,
  MSG_WAITALL,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
  timeval,
  type Value,
} from '@oci/kernel';
import { methodCall } from './message.ts';
import type { Written } from './writer.ts';

/** How long an answer may take, in seconds: as long as runc waits for systemd. */
const PATIENCE = 30;

/**
 * Authentication by the credentials of the socket, whoever that is: no user id has to be known or
 * be the same on both sides of a user namespace (D-Bus specification, "Authentication Protocol").
 */
const authentication = Buffer.from('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n');
const challenge = 'DATA\r\n';
/** With the server's id, 32 hexadecimal digits. */
const accepted = 'OK 0123456789abcdef0123456789abcdef\r\n';

/** A connection to a message bus, made within a launcher or live. */
export class Connection {
  readonly #k: Kernel;
  readonly #socket: Fd;

  private constructor(k: Kernel, socket: Fd) {
    this.#k = k;
    this.#socket = socket;
  }

  /**
   * Connects, sends everything at once, without a wait for the bus to accept what comes before (the
   * authentication, the greeting and the calls), and has `body` read the answers.
   *
   * @param filling what the holes of the calls are filled with
   */
  static use(
    k: Kernel,
    path: string,
    calls: Written,
    filling: Value | undefined,
    body: (connection: Connection) => void,
  ): void {
    const socket = k.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
    const connection = new Connection(k, socket);
    // Calls that are made now throw; those that are recorded end here.
    try {
      k.doing(`connect to the bus at ${path}`, () => k.connectUnix(socket, path));
      k.setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, timeval(PATIENCE));
      connection.#send(Buffer.concat([authentication, hello.bytes]));
      connection.#sendFilled(calls, filling);
      connection.#authenticated();
      body(connection);
    } finally {
      k.close(socket);
    }
  }

  /** Reads exactly `count` bytes into the memory, from its start. */
  receive(memory: Memory, count: Value): void {
    const k = this.#k;
    const length = k.variable('received', 0);
    k.loop((leave) => {
      // The memory has nothing yet when a signal interrupts it, and is whole otherwise.
      k.set(
        length,
        k.recvfrom(this.#socket, memory, count, MSG_WAITALL, { allow: ['EINTR', 'EAGAIN'] }),
      );
      k.when(compare(length.value, '!=', -errnoNumber('EINTR')), leave);
    });
    k.when(compare(length.value, '==', -errnoNumber('EAGAIN')), () =>
      k.fail(`no answer within ${PATIENCE} seconds`),
    );
    k.when(compare(length.value, '!=', count), () => k.fail('the bus closed the connection'));
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#k.sendto(this.#socket, bytes, bytes.length, MSG_NOSIGNAL);
  }

  #sendFilled({ bytes, holes }: Written, filling?: Value): void {
    const k = this.#k;
    let sent = 0;
    for (const hole of holes) {
      if (filling === undefined) throw new TypeError('a message has a hole, and nothing fills it');
      this.#send(bytes.subarray(sent, hole));
      const word = k.memory('word', 4);
      k.store(word, 0, 4, filling);
      k.sendto(this.#socket, word, 4, MSG_NOSIGNAL);
      sent = hole + 4;
    }
    this.#send(bytes.subarray(sent));
  }

  #authenticated(): void {
    const k = this.#k;
    const answer = k.memory('authentication', accepted.length);
    k.doing('authenticate', () => {
      this.receive(answer, challenge.length + 1);
      // What refuses is shorter, and is told by its first letter.
      const first = k.load(answer, challenge.length, 1);
      k.when(compare(first, '!=', accepted.charCodeAt(0)), () => k.fail('the bus refused'));
      this.receive(answer, accepted.length - 1);
    });
  }
}

/** Every connection starts with it, and the bus gives it a name. */
const hello = methodCall({
  serial: 1,
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
  member: 'Hello',
});
