import {
  IFF_UP,
  IFLA_IFNAME,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_NEW_IFINDEX,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  RTM_GETADDR,
  RTM_NEWLINK,
} from '../generated/constants.ts';
import { type Field, Struct } from '../struct.ts';
import { interfaceName } from '../structs.ts';
import type { Fd, Pid, Value } from '../values.ts';

/** Bytes of `struct nlmsghdr`, which every message starts with (netlink(7)). */
const HEADER_BYTES = 16;
/** Bytes of `struct ifinfomsg` and `struct ifaddrmsg` (rtnetlink(7)). */
const LINK_BYTES = 16;
const ADDRESS_BYTES = 8;
/** Bytes of `struct rtattr`, which every attribute starts with. */
const ATTRIBUTE_BYTES = 4;
/** IFNAMSIZ: a name of a network device with its NUL. */
const NAME_BYTES = 16;

/** What RTM_NEWLINK is to change of a network device. */
export interface LinkChange {
  readonly index: Value;
  /** The name that it gets; a template with `%d` has the kernel number it. */
  readonly name?: string;
  /** Moves it to the network namespace of this process, … */
  readonly namespaceOf?: Pid;
  /** … or to this one. */
  readonly namespace?: Fd;
  /** The index that it gets there (Linux 5.13): fails with EBUSY when it is taken. */
  readonly newIndex?: Value;
  /** Sets it up. */
  readonly up?: boolean;
}

/** RTM_NEWLINK of a device that exists (rtnetlink(7)), to be acknowledged. */
export function linkRequest({ index, up, ...change }: LinkChange): Struct {
  const message = new Message('link', RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, LINK_BYTES);
  message.field('ifi_index', HEADER_BYTES + 4, index);
  if (up) {
    message.field('ifi_flags', HEADER_BYTES + 8, IFF_UP, 'IFF');
    message.field('ifi_change', HEADER_BYTES + 12, IFF_UP, 'IFF');
  }
  if (change.name !== undefined) message.nameAttribute(IFLA_IFNAME, change.name);
  const { namespaceOf, namespace, newIndex } = change;
  if (namespaceOf !== undefined) message.attribute(IFLA_NET_NS_PID, namespaceOf);
  if (namespace !== undefined) message.attribute(IFLA_NET_NS_FD, namespace);
  if (newIndex !== undefined) message.attribute(IFLA_NEW_IFINDEX, newIndex);
  return message.struct;
}

/** RTM_GETADDR for all addresses of all devices, of any family (rtnetlink(7)). */
export function addressDump(): Struct {
  return new Message('addresses', RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, ADDRESS_BYTES).struct;
}

class Message {
  readonly #name: string;
  readonly #fields: Field[] = [];
  #size: number;

  constructor(name: string, type: number, flags: number, bodyBytes: number) {
    this.#name = name;
    this.#size = HEADER_BYTES + bodyBytes;
    this.#fields.push({ name: 'nlmsg_type', offset: 4, width: 2, value: type, flags: 'RTM' });
    this.#fields.push({ name: 'nlmsg_flags', offset: 6, width: 2, value: flags, flags: 'NLM_F' });
  }

  /** A 32-bit word of the message's body. */
  field(name: string, offset: number, value: Value, flags?: string): void {
    this.#fields.push({ name, offset, width: 4, value, ...(flags !== undefined && { flags }) });
  }

  /** An attribute of one 32-bit word. */
  attribute(type: number, value: Value): void {
    const at = this.#attribute(type, 4);
    this.#fields.push({ name: 'value', offset: at, width: 4, value });
  }

  nameAttribute(type: number, name: string): void {
    const at = this.#attribute(type, NAME_BYTES);
    const [low, high] = interfaceName(name);
    this.#fields.push({ name: 'value', offset: at, width: 8, value: low });
    this.#fields.push({ name: 'value', offset: at + 8, width: 8, value: high });
  }

  get struct(): Struct {
    const length: Field = { name: 'nlmsg_len', offset: 0, width: 4, value: this.#size };
    return new Struct(this.#name, this.#size, [length, ...this.#fields]);
  }

  /** Starts an attribute and says where its payload is. */
  #attribute(type: number, bytes: number): number {
    const at = this.#size;
    this.#size += ATTRIBUTE_BYTES + bytes;
    this.#fields.push(
      { name: 'rta_len', offset: at, width: 2, value: ATTRIBUTE_BYTES + bytes },
      { name: 'rta_type', offset: at + 2, width: 2, value: type, flags: 'IFLA' },
    );
    return at + ATTRIBUTE_BYTES;
  }
}
