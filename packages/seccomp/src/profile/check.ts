import type { Seccomp, SeccompAction } from '@oci/spec';
import {
  SeccompAction as Action,
  type Issue,
  SeccompArch,
  SeccompOperator,
  SpecError,
} from '@oci/spec';

const actions: ReadonlySet<string> = new Set(Action.options);
const architectures: ReadonlySet<string> = new Set(SeccompArch.options);
const operators: ReadonlySet<string> = new Set(SeccompOperator.options);

/** A filter returns 16 bits beside the action. */
const MAX_DATA = 0xffff;

/**
 * What of a profile cannot be compiled. A config that `checkConfig` of `@oci/spec` let pass has
 * nothing of it but error numbers that are too large; profiles also come from elsewhere.
 * @throws SpecError
 */
export function checkProfile(profile: Seccomp, at: string): void {
  const issues: Issue[] = [];
  const report = (path: string, message: string): void => {
    issues.push({ path: `${at}.${path}`, message });
  };
  checkAction(profile.defaultAction, profile.defaultErrnoRet, 'default', report);
  for (const [i, arch] of (profile.architectures ?? []).entries())
    if (!architectures.has(arch)) report(`architectures[${i}]`, `${arch} is not known`);
  for (const [i, { action, errnoRet, args = [] }] of (profile.syscalls ?? []).entries()) {
    checkAction(action, errnoRet, `syscalls[${i}].`, report);
    for (const [j, { index, op }] of args.entries()) {
      if (!operators.has(op)) report(`syscalls[${i}].args[${j}].op`, `${op} is not known`);
      if (!(index >= 0 && index <= 5))
        report(`syscalls[${i}].args[${j}].index`, 'must be from 0 to 5');
    }
  }
  if (issues.length > 0) throw new SpecError('seccomp profile', issues);
}

function checkAction(
  action: SeccompAction,
  errno: number | undefined,
  prefix: string,
  report: (path: string, message: string) => void,
): void {
  const [actionAt, errnoAt] =
    prefix === 'default'
      ? ['defaultAction', 'defaultErrnoRet']
      : [`${prefix}action`, `${prefix}errnoRet`];
  if (!actions.has(action)) report(actionAt, `${action} is not known`);
  if (errno === undefined) return;
  if (action !== 'SCMP_ACT_ERRNO' && action !== 'SCMP_ACT_TRACE')
    report(errnoAt, `${action} returns no error number`);
  else if (!(errno >= 0 && errno <= MAX_DATA)) report(errnoAt, `must be from 0 to ${MAX_DATA}`);
}
