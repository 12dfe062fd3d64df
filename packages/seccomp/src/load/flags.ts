import {
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from '@oci/kernel';
import { type Seccomp, type SeccompFlag, SpecError } from '@oci/spec';

/** Linux 4.14 has the first two, 4.17 SPEC_ALLOW, 5.19 the last; older kernels answer EINVAL. */
const bits: Readonly<Record<SeccompFlag, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

/** As runc has it where a profile does not say: no slower speculation for whom a filter confines. */
const unsaid: readonly SeccompFlag[] = ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'];

/**
 * The flags of seccomp(2) that a profile asks for.
 *
 * @param notifies whether the filter can notify: then a listener is made
 * @param at the profile's JSON path
 * @throws SpecError names the JSON path of a flag that is none
 */
export function filterFlags(profile: Seccomp, notifies: boolean, at = 'linux.seccomp'): number {
  const named: readonly SeccompFlag[] = profile.flags ?? unsaid;
  const unknown = named.findIndex((flag) => !Object.hasOwn(bits, flag));
  if (unknown >= 0) {
    const issue = { path: `${at}.flags[${unknown}]`, message: `${named[unknown]} is not known` };
    throw new SpecError('seccomp profile', [issue]);
  }
  const asked = named.reduce((all, flag) => all | bits[flag], 0);
  // It says how a listener is waited for, and the kernel refuses it where there is none.
  if (!notifies) return asked & ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  // Else a result could not be told apart: a descriptor, or a thread that did not follow.
  const synchronized = asked & SECCOMP_FILTER_FLAG_TSYNC ? SECCOMP_FILTER_FLAG_TSYNC_ESRCH : 0;
  return asked | synchronized | SECCOMP_FILTER_FLAG_NEW_LISTENER;
}
