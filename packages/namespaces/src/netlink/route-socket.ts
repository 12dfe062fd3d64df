import {
  AF_NETLINK,
  compare,
  type ErrnoName,
  errnoMessage,
  errnoNumber,
  type Fd,
  type Kernel,
  type Memory,
  NETLINK_ROUTE,
  NLMSG_ERROR,
  SOCK_CLOEXEC,
  SOCK_RAW,
  type Struct,
  type Value,
} from '@oci/kernel';

/** The kernel sends at most this much at once to who reads with a buffer of this size. */
const REPLY_BYTES = 32 * 1024;

/**
 * `struct nlmsghdr`, which every message starts with (netlink(7)): length and type at these offsets,
 * then flags, sequence number and sender. A message's body follows it; the next message starts at a
 * multiple of four bytes.
 */
export const HEADER = { length: 0, type: 4, flags: 6, bytes: 16 } as const;

/** Errors that rtnetlink(7) answers with, and that are worth telling apart. */
const reasons: readonly ErrnoName[] = [
  'EPERM',
  'EACCES',
  'EEXIST',
  'EINVAL',
  'EBUSY',
  'ENODEV',
  'ENOMEM',
  'EOPNOTSUPP',
  'EADDRNOTAVAIL',
  'ESRCH',
];

/** Devices and addresses of one network namespace (rtnetlink(7)): that in which it was made. */
export class RouteSocket {
  readonly fd: Fd;
  readonly #k: Kernel;
  readonly #reply: Memory;

  constructor(k: Kernel) {
    this.#k = k;
    this.fd = k.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    this.#reply = k.memory('netlink reply', REPLY_BYTES);
  }

  /** Asks for one change, and fails the start with the kernel's reason when it is refused. */
  change(request: Struct | Memory, bytes: Value): void {
    this.expectDone(this.ask(request, bytes));
  }

  /** Asks for one change. The result is to be compared with what {@link refusal} gives. */
  ask(request: Struct | Memory, bytes: Value): Value {
    this.#k.sendto(this.fd, request, bytes, 0);
    this.#k.recvfrom(this.fd, this.#reply, REPLY_BYTES, 0);
    return this.#k.load(this.#reply, HEADER.bytes, 4);
  }

  /** Fails the start unless this answer, or message, says that all went well. */
  expectDone(answer: Value): void {
    const k = this.#k;
    k.when(compare(answer, '!=', 0), () => {
      for (const name of reasons)
        k.when(compare(answer, '==', refusal(name)), () => k.fail(errnoMessage(errnoNumber(name))));
      k.fail('refused by the kernel');
    });
  }

  /** Sends a request for all there is of a kind, and runs `each` for every message of the answer. */
  dump(request: Struct, each: (reply: Memory, at: Value) => void): void {
    const k = this.#k;
    const reply = this.#reply;
    k.sendto(this.fd, request, request.size, 0);
    k.loop((leave) => {
      const received = k.recvfrom(this.fd, reply, REPLY_BYTES, 0);
      const at = k.variable('at', 0);
      k.loop((leaveReply) => {
        k.when(compare(at.value, '>=', received), leaveReply);
        const type = k.load(reply, k.compute(at.value, '+', HEADER.type), 2);
        k.when(compare(type, '<=', LAST_CONTROL), () => {
          k.when(compare(type, '==', NLMSG_ERROR), () =>
            this.expectDone(k.load(reply, k.compute(at.value, '+', HEADER.bytes), 4)),
          );
          leave();
        });
        each(reply, at.value);
        k.set(at, k.compute(at.value, '+', alignedLength(k, reply, at.value)));
      });
    });
  }
}

/** Types up to this one are netlink's own: NLMSG_NOOP, _ERROR, _DONE and _OVERRUN. */
const LAST_CONTROL = 4;

/** How {@link RouteSocket.ask} tells this error: `nlmsgerr.error` is negative, in 32 bits. */
export function refusal(name: ErrnoName): number {
  return 2 ** 32 - errnoNumber(name);
}

/** How far the next message, or attribute, is from the one at `at`, whose length is `width` wide. */
export function alignedLength(k: Kernel, memory: Memory, at: Value, width: 2 | 4 = 4): Value {
  const length = k.load(memory, k.compute(at, '+', HEADER.length), width);
  return k.compute(k.compute(length, '+', 3), '&', ~3 >>> 0);
}
