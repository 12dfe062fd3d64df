import {
  type Issue,
  parseDocument,
  type Seccomp,
  type SeccompArch,
  type SeccompSyscall,
  SpecError,
} from '@oci/spec';
import { type Conditions, DockerProfile, type Rule } from './profile.ts';

/** What a profile's conditions are about. */
export interface DockerTarget {
  readonly architecture: SeccompArch;
  /** The container's bounding set: `CAP_*`. */
  readonly capabilities: readonly string[];
  /** As uname(2) has it: `6.18.2-amd64`. */
  readonly kernelRelease: string;
}

/**
 * Turns the text of a profile in Docker's format into what `linux.seccomp` holds, for one container:
 * only the architecture at hand with its sub-architectures, and only the rules that apply.
 *
 * @throws SpecError with all that is wrong with the profile
 */
export function convertDockerProfile(text: string, target: DockerTarget): Seccomp {
  const profile = parseDocument('profile', DockerProfile, text);
  const issues = checkProfile(profile);
  if (issues.length > 0) throw new SpecError('profile', issues);
  const { defaultAction, defaultErrnoRet, flags, listenerPath, listenerMetadata } = profile;
  const applies = condition(target);
  return {
    defaultAction,
    ...(defaultErrnoRet !== undefined && { defaultErrnoRet }),
    architectures: architecturesOf(profile, target.architecture),
    ...(flags && { flags }),
    ...(listenerPath !== undefined && { listenerPath }),
    ...(listenerMetadata !== undefined && { listenerMetadata }),
    syscalls: (profile.syscalls ?? []).filter(applies).map(toSyscall),
  };
}

function checkProfile({ architectures, archMap, syscalls }: DockerProfile): Issue[] {
  const issues: Issue[] = [];
  const report = (path: string, message: string) => issues.push({ path, message });
  if (architectures?.length && archMap?.length) {
    report('architectures', 'must not be there together with archMap');
  }
  for (const [index, { name, names, includes, excludes }] of (syscalls ?? []).entries()) {
    const at = `syscalls[${index}]`;
    if (name && names?.length) report(`${at}.name`, 'must not be there together with names');
    if (!name && !names?.length) report(`${at}.names`, 'must have at least one entry');
    for (const [list, conditions] of Object.entries({ includes, excludes })) {
      const { minKernel } = conditions ?? {};
      if (minKernel !== undefined && !version(minKernel))
        report(`${at}.${list}.minKernel`, 'must be a version such as 4.8');
    }
  }
  return issues;
}

function architecturesOf(profile: DockerProfile, native: SeccompArch): SeccompArch[] {
  const mapped = profile.archMap?.find(({ architecture }) => architecture === native);
  if (mapped) return [native, ...(mapped.subArchitectures ?? [])];
  return profile.architectures ?? [];
}

/** Whether a rule applies to the target. */
function condition(target: DockerTarget): (rule: Rule) => boolean {
  const name = dockerNames[target.architecture];
  const here = version(target.kernelRelease);
  const has = (capability: string) => target.capabilities.includes(capability);
  const reaches = (minimum: string) => {
    const wanted = version(minimum);
    return (
      !here || !wanted || here[0] > wanted[0] || (here[0] === wanted[0] && here[1] >= wanted[1])
    );
  };
  const excluded = ({ arches = [], caps = [], minKernel }: Conditions) =>
    arches.includes(name) || caps.some(has) || (minKernel !== undefined && reaches(minKernel));
  const included = ({ arches = [], caps = [], minKernel }: Conditions) =>
    (arches.length === 0 || arches.includes(name)) &&
    caps.every(has) &&
    (minKernel === undefined || reaches(minKernel));
  return ({ includes = {}, excludes = {} }) => !excluded(excludes) && included(includes);
}

function toSyscall({ name, names = [], action, errnoRet, args }: Rule): SeccompSyscall {
  return {
    names: name ? [name] : names,
    action,
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args?.length && { args }),
  };
}

function version(text: string): readonly [major: number, minor: number] | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return major && minor ? [Number(major), Number(minor)] : undefined;
}

/** Docker's names, which are Go's with exceptions, for the architectures that Docker runs on. */
const dockerNames: Readonly<Record<SeccompArch, string>> = {
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X86_64: 'amd64',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_ARM: 'arm',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_LOONGARCH64: 'loong64',
  SCMP_ARCH_M68K: 'm68k',
  SCMP_ARCH_MIPS: 'mips',
  SCMP_ARCH_MIPS64: 'mips64',
  SCMP_ARCH_MIPS64N32: 'mips64n32',
  SCMP_ARCH_MIPSEL: 'mipsel',
  SCMP_ARCH_MIPSEL64: 'mipsel64',
  SCMP_ARCH_MIPSEL64N32: 'mipsel64n32',
  SCMP_ARCH_PPC: 'ppc',
  SCMP_ARCH_PPC64: 'ppc64',
  SCMP_ARCH_PPC64LE: 'ppc64le',
  SCMP_ARCH_S390: 's390',
  SCMP_ARCH_S390X: 's390x',
  SCMP_ARCH_SH: 'sh',
  SCMP_ARCH_SHEB: 'sheb',
  SCMP_ARCH_PARISC: 'parisc',
  SCMP_ARCH_PARISC64: 'parisc64',
  SCMP_ARCH_RISCV64: 'riscv64',
};
