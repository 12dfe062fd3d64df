import { AF_UNIX } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import type { Struct } from '../struct.ts';
import { descriptorMessage, receivingMessage, unixAddress } from '../structs/sockets.ts';
import type { Fd, Value } from '../values.ts';
import { IdentityCalls } from './identity.ts';

/** Calls on sockets. */
export abstract class SocketCalls extends IdentityCalls {
  /** socket(2). */
  socket(family: number, type: number, protocol = 0, policy?: Policy): Fd {
    return this.invoke('socket', [family, type, protocol], policy);
  }

  /** socketpair(2) of Unix sockets: the two descriptors are stored as 32-bit words. */
  socketpair(type: number, ends: Memory, policy?: Policy): void {
    this.invoke('socketpair', [AF_UNIX, type, 0, ends], policy);
  }

  /** recvfrom(2), without the sender's address. The result is the number of bytes. */
  recvfrom(fd: Fd, memory: Memory, count: Value, flags: number, policy?: Policy): Fd {
    return this.invoke('recvfrom', [fd, memory, count, flags, null, null], policy);
  }

  /**
   * sendto(2) of the first `count` bytes, to where the socket is connected, or to the kernel from a
   * netlink socket (netlink(7)). The result is the number of bytes.
   */
  sendto(
    fd: Fd,
    data: Uint8Array | Memory | Struct,
    count: Value,
    flags: number,
    policy?: Policy,
  ): Fd {
    return this.invoke('sendto', [fd, data, count, flags, null, null], policy);
  }

  /** connect(2) to a Unix socket by its path (unix(7)): at most 107 bytes. */
  connectUnix(fd: Fd, path: string, policy?: Policy): void {
    const address = unixAddress(path);
    this.invoke('connect', [fd, address, address.length], policy);
  }

  /** connect(2) to an address in memory: its first `length` bytes. */
  connect(fd: Fd, address: Memory, length: Value, policy?: Policy): void {
    this.invoke('connect', [fd, address, length], policy);
  }

  /** setsockopt(2), of an option that is a struct. */
  setsockopt(fd: Fd, level: number, option: number, value: Struct, policy?: Policy): void {
    this.invoke('setsockopt', [fd, level, option, value, value.size], policy);
  }

  /**
   * sendmsg(2) of the first `count` bytes of `data` with a descriptor (SCM_RIGHTS, unix(7)). The
   * result is the number of bytes.
   */
  sendDescriptor(
    fd: Fd,
    data: Uint8Array | Memory,
    count: Value,
    sent: Fd,
    flags: number,
    policy?: Policy,
  ): Fd {
    return this.invoke('sendmsg', [fd, descriptorMessage(data, count, sent), flags], policy);
  }

  /**
   * recvmsg(2) of one descriptor and the bytes beside it (SCM_RIGHTS, unix(7)). `control` takes
   * 24 bytes, a `struct cmsghdr`: what came is the 32-bit word at offset 16, and nothing came where
   * cmsg_len, the 64-bit word at offset 0, is zero. The result is the number of bytes.
   */
  receiveDescriptor(fd: Fd, data: Memory, control: Memory, flags: number, policy?: Policy): Fd {
    return this.invoke('recvmsg', [fd, receivingMessage(data, control), flags], policy);
  }

  /**
   * ppoll(2) without a time limit, of the first `count` entries of eight bytes: descriptor (32 bits;
   * -1 is passed over), events and revents (POLL*, 16 bits each). The result is how many are ready.
   */
  ppoll(entries: Memory, count: number, policy?: Policy): Fd {
    return this.invoke('ppoll', [entries, count, null, null, 8], policy);
  }
}
