import { AF_UNIX } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import type { Struct } from '../struct.ts';
import { descriptorMessage, unixAddress } from '../structs/sockets.ts';
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
}
