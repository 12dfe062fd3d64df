import type { Seccomp, SeccompAction } from '../config/linux/seccomp.ts';
import type { Report } from '../errors.ts';

/**
 * config-linux.md, "Seccomp".
 *
 * @param at where the profile is in its document
 */
export function checkSeccomp(seccomp: Seccomp, report: Report, at = 'linux.seccomp'): void {
  const within = at === '' ? '' : `${at}.`;
  const { defaultAction, defaultErrnoRet, listenerMetadata, listenerPath } = seccomp;
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    // The agent would be asked about the very call that hands it the descriptor.
    report(`${within}defaultAction`, 'must not be SCMP_ACT_NOTIFY');
  }
  if (defaultErrnoRet !== undefined && !returnsErrno(defaultAction)) {
    report(`${within}defaultErrnoRet`, `${defaultAction} returns no error number`);
  }
  if (listenerMetadata !== undefined && listenerMetadata !== '' && !listenerPath) {
    report(`${within}listenerMetadata`, 'needs a listenerPath');
  }
  if (listenerPath !== undefined && listenerPath !== '' && !listenerPath.startsWith('/')) {
    report(`${within}listenerPath`, 'must be an absolute path');
  }
  for (const [i, syscall] of (seccomp.syscalls ?? []).entries()) {
    const rule = `${within}syscalls[${i}]`;
    if (syscall.names.length === 0) report(`${rule}.names`, 'must have at least one entry');
    if (syscall.errnoRet !== undefined && !returnsErrno(syscall.action)) {
      report(`${rule}.errnoRet`, `${syscall.action} returns no error number`);
    }
    if (syscall.args === undefined) continue;
    for (const [j, { index }] of syscall.args.entries()) {
      if (index > 5) report(`${rule}.args[${j}].index`, 'must be from 0 to 5');
    }
  }
}

function returnsErrno(action: SeccompAction): boolean {
  return action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
}
