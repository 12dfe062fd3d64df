import { LINUX_CAPABILITY_VERSION_3, SECCOMP_SET_MODE_FILTER } from '../generated/constants.ts';
import type { Policy } from '../policy.ts';
import { filterProgram } from '../structs/seccomp.ts';
import { type CapabilityMasks, capabilityData, capabilityHeader, groupList } from '../structs.ts';
import type { Text } from '../text.ts';
import type { Fd, Value } from '../values.ts';
import { ProcessCalls } from './processes.ts';

/** Calls on who a process is and what its host is called. */
export abstract class IdentityCalls extends ProcessCalls {
  setresuid(real: Value, effective: Value, saved: Value, policy?: Policy): void {
    this.invoke('setresuid', [real, effective, saved], policy);
  }

  setresgid(real: Value, effective: Value, saved: Value, policy?: Policy): void {
    this.invoke('setresgid', [real, effective, saved], policy);
  }

  setgroups(groups: readonly number[], policy?: Policy): void {
    this.invoke('setgroups', [groups.length, groups.length ? groupList(groups) : null], policy);
  }

  /** capset(2) of the calling thread, version 3 (64 capabilities). */
  capset(masks: CapabilityMasks, policy?: Policy): void {
    const header = capabilityHeader(LINUX_CAPABILITY_VERSION_3);
    this.invoke('capset', [header, capabilityData(masks)], policy);
  }

  sethostname(name: string, policy?: Policy): void {
    this.invoke('sethostname', [name, Buffer.byteLength(name)], policy);
  }

  setdomainname(name: string, policy?: Policy): void {
    this.invoke('setdomainname', [name, Buffer.byteLength(name)], policy);
  }

  /** keyctl(2) KEYCTL_JOIN_SESSION_KEYRING; without a name an anonymous one. */
  joinSessionKeyring(name: Text | null, policy?: Policy): Value {
    const KEYCTL_JOIN_SESSION_KEYRING = 1;
    return this.invoke('keyctl', [KEYCTL_JOIN_SESSION_KEYRING, name], policy);
  }

  /** personality(2). */
  personality(persona: number, policy?: Policy): void {
    this.invoke('personality', [persona], policy);
  }

  /**
   * seccomp(2) SECCOMP_SET_MODE_FILTER, Linux 3.17. The result is 0, the notification descriptor
   * with SECCOMP_FILTER_FLAG_NEW_LISTENER, or the thread that did not follow with
   * SECCOMP_FILTER_FLAG_TSYNC.
   *
   * @param filter `struct sock_filter[]`, eight bytes an instruction, at most 4096
   * @param flags SECCOMP_FILTER_FLAG_*
   */
  seccompSetFilter(filter: Uint8Array, flags: number, policy?: Policy): Fd {
    return this.invoke('seccomp', [SECCOMP_SET_MODE_FILTER, flags, filterProgram(filter)], policy);
  }

  /**
   * seccomp(2) SECCOMP_SET_MODE_FILTER without a filter, so that nothing is loaded: the result is
   * -EFAULT if the kernel knows the flags, and -EINVAL if not.
   *
   * @param flags SECCOMP_FILTER_FLAG_*
   */
  seccompTryFlags(flags: number): Value {
    return this.invoke('seccomp', [SECCOMP_SET_MODE_FILTER, flags, null], { allow: 'any' });
  }
}
