import { AF_UNIX } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import type { Policy } from '../policy.ts';
import { IdentityCalls } from './identity.ts';

/** Calls on sockets. */
export abstract class SocketCalls extends IdentityCalls {
  /** socketpair(2) of Unix sockets: the two descriptors are stored as 32-bit words. */
  socketpair(type: number, ends: Memory, policy?: Policy): void {
    this.invoke('socketpair', [AF_UNIX, type, 0, ends], policy);
  }
}
