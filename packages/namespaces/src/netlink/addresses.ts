import {
  addressDump,
  compare,
  IFA_F_PERMANENT,
  IFA_LABEL,
  IFA_UNSPEC,
  type Kernel,
  type Memory,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  type Value,
  type Variable,
} from '@oci/kernel';
import { alignedLength, HEADER, type RouteSocket } from './route-socket.ts';

/** Room for some hundred addresses of one device. */
const KEPT_BYTES = 32 * 1024;
/** An address with all attributes that the kernel knows takes a fraction of it. */
const MESSAGE_BYTES = 1024;

/** `struct ifaddrmsg` behind the header (rtnetlink(7)); attributes follow. */
const ADDRESS = { flags: 18, index: 20, attributes: 24 } as const;
/** The flags' byte and, behind it, all of the scope, which is zero for RT_SCOPE_UNIVERSE. */
const PERMANENCE_AND_SCOPE = 0xff00 | IFA_F_PERMANENT;
/** `struct rtattr`: its length, then its type. */
const ATTRIBUTE = { type: 2 } as const;

/** The addresses of one device: RTM_NEWADDR messages, as the kernel told them. */
export class KeptAddresses {
  readonly #k: Kernel;
  readonly #messages: Memory;
  readonly #bytes: Variable;

  /** Reads them. */
  constructor(k: Kernel, socket: RouteSocket, index: Value) {
    this.#k = k;
    this.#messages = k.memory('addresses', KEPT_BYTES);
    this.#bytes = k.variable('bytes of addresses', 0);
    socket.dump(addressDump(), (reply, at) =>
      k.when(compare(k.load(reply, k.compute(at, '+', ADDRESS.index), 4), '==', index), () =>
        this.#keep(reply, at),
      ),
    );
  }

  /**
   * Gives those that stay with a device to the one with this index, in the namespace of the socket:
   * permanent ones of global scope, of any family (config-linux.md, "Network Devices").
   *
   * @param renamed drops their labels, which start with the device's name (rtnetlink(7), IFA_LABEL):
   * the kernel then makes new ones
   */
  giveTo(socket: RouteSocket, index: Value, renamed: boolean): void {
    const k = this.#k;
    this.#each(index, (message, bytes) => {
      const marks = k.compute(k.load(message, ADDRESS.flags, 2), '&', PERMANENCE_AND_SCOPE);
      k.when(compare(marks, '==', IFA_F_PERMANENT), () => {
        if (renamed) dropLabel(k, message, bytes);
        socket.change(message, bytes);
      });
    });
  }

  /** Gives back all that a device had, as far as the kernel lets that be done. */
  restore(socket: RouteSocket, index: Value): void {
    this.#each(index, (message, bytes) => socket.ask(message, bytes));
  }

  /** Runs `add` with a request to add each of the addresses. */
  #each(index: Value, add: (message: Memory, bytes: Value) => void): void {
    const k = this.#k;
    const message = k.memory('address', MESSAGE_BYTES);
    const at = k.variable('address', 0);
    k.loop((leave) => {
      k.when(compare(at.value, '>=', this.#bytes.value), leave);
      const bytes = alignedLength(k, this.#messages, at.value);
      copyWords(k, this.#messages, at.value, message, 0, bytes);
      k.store(message, HEADER.flags, 2, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
      k.store(message, ADDRESS.index, 4, index);
      add(message, bytes);
      k.set(at, k.compute(at.value, '+', bytes));
    });
  }

  #keep(reply: Memory, at: Value): void {
    const k = this.#k;
    const bytes = alignedLength(k, reply, at);
    const end = k.compute(this.#bytes.value, '+', bytes);
    k.when(compare(end, '>', KEPT_BYTES), () => k.fail('has too many addresses'));
    k.when(compare(bytes, '>', MESSAGE_BYTES), () => k.fail('has an address of unknown form'));
    copyWords(k, reply, at, this.#messages, this.#bytes.value, bytes);
    k.set(this.#bytes, end);
  }
}

/** Attributes of type IFA_UNSPEC are passed over by the kernel. */
function dropLabel(k: Kernel, message: Memory, bytes: Value): void {
  const at = k.variable('attribute', ADDRESS.attributes);
  k.loop((leave) => {
    k.when(compare(at.value, '>=', bytes), leave);
    const type = k.compute(at.value, '+', ATTRIBUTE.type);
    k.when(compare(k.load(message, type, 2), '==', IFA_LABEL), () =>
      k.store(message, type, 2, IFA_UNSPEC),
    );
    k.set(at, k.compute(at.value, '+', alignedLength(k, message, at.value, 2)));
  });
}

/** Copies `bytes`, a multiple of four. */
function copyWords(
  k: Kernel,
  from: Memory,
  start: Value,
  to: Memory,
  place: Value,
  bytes: Value,
): void {
  const done = k.variable('copied', 0);
  k.loop((leave) => {
    k.when(compare(done.value, '>=', bytes), leave);
    const word = k.load(from, k.compute(start, '+', done.value), 4);
    k.store(to, k.compute(place, '+', done.value), 4, word);
    k.set(done, k.compute(done.value, '+', 4));
  });
}
