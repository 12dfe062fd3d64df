import {
  findProfileIssues,
  type Issue,
  parseDocument,
  type Seccomp,
  type SeccompArch,
  type SeccompSyscall,
  SpecError,
} from '@oci/spec';
import { condition, type DockerTarget, version } from './applies.ts';
import { errorNumber } from './errno.ts';
import { Origins } from './origins.ts';
import { DockerProfile, type Rule } from './profile.ts';

export interface ConvertedProfile {
  /** What `linux.seccomp` holds. */
  readonly profile: Seccomp;
  /** Where in the text a part of it comes from: `syscalls[7]` of what is `syscalls[2]` now. */
  originOf(path: string): string;
}

/**
 * Turns the text of a profile in Docker's format into what `linux.seccomp` holds, for one container:
 * only the architecture at hand with its sub-architectures, and only the rules that apply.
 *
 * @throws SpecError with all that is wrong with the profile, by the paths of the text
 */
export function convertDockerProfile(text: string, target: DockerTarget): ConvertedProfile {
  const document = parseDocument('profile', DockerProfile, text);
  refuse(checkDocument(document));
  const origins = new Origins();
  const { defaultAction, flags, listenerPath, listenerMetadata } = document;
  const { defaultErrno, defaultErrnoRet } = document;
  const number = chosenNumber(defaultErrno, defaultErrnoRet);
  if (defaultErrno) origins.note('defaultErrnoRet', 'defaultErrno');
  const profile: Seccomp = {
    defaultAction,
    ...(number !== undefined && { defaultErrnoRet: number }),
    architectures: architecturesOf(document, target.architecture, origins),
    ...(flags && { flags }),
    ...(listenerPath !== undefined && { listenerPath }),
    ...(listenerMetadata !== undefined && { listenerMetadata }),
    syscalls: rulesOf(document, target, origins),
  };
  const issues = findProfileIssues(profile, '');
  refuse(issues.map(({ path, message }) => ({ path: origins.of(path), message })));
  return { profile, originOf: (path) => origins.of(path) };
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new SpecError('profile', issues);
}

function checkDocument({ defaultErrno, architectures, archMap, syscalls }: DockerProfile): Issue[] {
  const issues: Issue[] = [];
  const report = (path: string, message: string) => issues.push({ path, message });
  const checkErrno = (errno: string | undefined, path: string) => {
    if (errno && errorNumber(errno) === undefined)
      report(path, `there is no error of the name ${errno}`);
  };
  checkErrno(defaultErrno, 'defaultErrno');
  if (architectures?.length && archMap?.length) {
    report('architectures', 'must not be there together with archMap');
  }
  for (const [index, { name, names, errno, includes, excludes }] of (syscalls ?? []).entries()) {
    const at = `syscalls[${index}]`;
    if (name && names?.length) report(`${at}.name`, 'must not be there together with names');
    if (!name && !names?.length) report(`${at}.names`, 'must have at least one entry');
    checkErrno(errno, `${at}.errno`);
    for (const [list, conditions] of Object.entries({ includes, excludes })) {
      const { minKernel } = conditions ?? {};
      if (minKernel !== undefined && !version(minKernel))
        report(`${at}.${list}.minKernel`, 'must be a version such as 4.8');
    }
  }
  return issues;
}

/** As podman does: a name counts, the number is for those who cannot read names. */
function chosenNumber(errno: string | undefined, errnoRet: number | undefined): number | undefined {
  return errno ? errorNumber(errno) : errnoRet;
}

function architecturesOf(
  { archMap, architectures }: DockerProfile,
  native: SeccompArch,
  origins: Origins,
): SeccompArch[] {
  const entry = archMap?.findIndex(({ architecture }) => architecture === native) ?? -1;
  const mapped = archMap?.[entry];
  if (!mapped) return architectures ?? [];
  const at = `archMap[${entry}]`;
  const below = mapped.subArchitectures ?? [];
  origins.note('architectures', at);
  origins.note('architectures[0]', `${at}.architecture`);
  for (const i of below.keys())
    origins.note(`architectures[${i + 1}]`, `${at}.subArchitectures[${i}]`);
  return [native, ...below];
}

function rulesOf(
  { syscalls }: DockerProfile,
  target: DockerTarget,
  origins: Origins,
): SeccompSyscall[] {
  const applies = condition(target);
  const rules: SeccompSyscall[] = [];
  for (const [index, rule] of (syscalls ?? []).entries()) {
    if (!applies(rule)) continue;
    const [now, before] = [`syscalls[${rules.length}]`, `syscalls[${index}]`];
    origins.note(now, before);
    if (rule.name) origins.note(`${now}.names[0]`, `${before}.name`);
    if (rule.errno) origins.note(`${now}.errnoRet`, `${before}.errno`);
    rules.push(toSyscall(rule));
  }
  return rules;
}

function toSyscall({ name, names = [], action, errno, errnoRet, args }: Rule): SeccompSyscall {
  const number = chosenNumber(errno, errnoRet);
  return {
    names: name ? [name] : names,
    action,
    ...(number !== undefined && { errnoRet: number }),
    ...(args?.length && { args }),
  };
}
