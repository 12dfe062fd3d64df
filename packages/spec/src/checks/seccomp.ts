import { Seccomp, type SeccompAction } from '../config/linux/seccomp.ts';
import { collect, type Issue, type Report } from '../errors.ts';
import { validate } from '../validate.ts';

/** Linux returns at most MAX_ERRNO (4095), and libseccomp takes less than that. */
const LAST_ERRNO = 4094;

/** A filter returns 16 bits beside the action. */
const LAST_MESSAGE = 0xffff;

/**
 * config-linux.md, "Seccomp".
 *
 * @param at where the profile is in its document
 */
export function checkSeccomp(seccomp: Seccomp, report: Report, at = 'linux.seccomp'): void {
  const within = at === '' ? '' : `${at}.`;
  checkRules(seccomp, (path, message) => report(`${within}${path}`, message));
  const { defaultAction, listenerMetadata, listenerPath } = seccomp;
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    // The agent would be asked about the very call that hands it the descriptor.
    report(`${within}defaultAction`, 'must not be SCMP_ACT_NOTIFY');
  }
  if (listenerMetadata !== undefined && listenerMetadata !== '' && !listenerPath) {
    report(`${within}listenerMetadata`, 'needs a listenerPath');
  }
  const isRelative = listenerPath !== undefined && !/^(?:\/|$)/.test(listenerPath);
  // Without a rule that notifies "this value is ignored".
  if (isRelative && seccomp.syscalls?.some(({ action }) => action === 'SCMP_ACT_NOTIFY')) {
    report(`${within}listenerPath`, 'must be an absolute path');
  }
}

/**
 * What is wrong with a profile that its schema has let pass.
 *
 * @param at where the profile is in its document
 */
export function findProfileIssues(seccomp: Seccomp, at?: string): Issue[] {
  return collect((report) => checkSeccomp(seccomp, report, at));
}

/**
 * What of a profile no filter can be made of, whoever wrote it: what its schema refuses, or else the
 * rules about actions and system calls. Of listeners it says nothing.
 *
 * @param at where the profile is in its document
 */
export function findFilterIssues(profile: unknown, at = 'linux.seccomp'): Issue[] {
  const result = validate(Seccomp, profile);
  const issues =
    'data' in result ? collect((report) => checkRules(result.data, report)) : result.issues;
  return issues.map(({ path, message }) => ({ path: path === '' ? at : `${at}.${path}`, message }));
}

function checkRules({ defaultAction, defaultErrnoRet, syscalls = [] }: Seccomp, report: Report) {
  checkErrno(defaultAction, defaultErrnoRet, 'defaultErrnoRet', report);
  for (const [i, { names, action, errnoRet, args = [] }] of syscalls.entries()) {
    const rule = `syscalls[${i}]`;
    if (names.length === 0) report(`${rule}.names`, 'must have at least one entry');
    const nameless = names.indexOf('');
    if (nameless >= 0) report(`${rule}.names[${nameless}]`, 'must not be empty');
    checkErrno(action, errnoRet, `${rule}.errnoRet`, report);
    for (const [j, { index }] of args.entries()) {
      if (index > 5) report(`${rule}.args[${j}].index`, 'must be from 0 to 5');
    }
  }
}

function checkErrno(
  action: SeccompAction,
  errno: number | undefined,
  path: string,
  report: Report,
): void {
  if (errno === undefined) return;
  if (action !== 'SCMP_ACT_ERRNO' && action !== 'SCMP_ACT_TRACE') {
    report(path, `${action} returns no error number`);
    return;
  }
  const last = action === 'SCMP_ACT_ERRNO' ? LAST_ERRNO : LAST_MESSAGE;
  if (errno > last) report(path, `must be from 0 to ${last} with ${action}`);
}
