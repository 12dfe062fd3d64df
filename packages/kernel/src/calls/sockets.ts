import { AF_UNIX } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import type { Fd } from '../values.ts';
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
}
