import { readFileSync } from 'node:fs';
import type { Seccomp, SeccompArch, SeccompSyscall } from '@oci/spec';

interface Condition {
  readonly arches?: readonly string[];
  readonly caps?: readonly string[];
  readonly minKernel?: string;
}

interface DockerProfile {
  readonly defaultAction: Seccomp['defaultAction'];
  readonly defaultErrnoRet: number;
  readonly archMap: readonly {
    readonly architecture: SeccompArch;
    readonly subArchitectures: readonly SeccompArch[] | null;
  }[];
  readonly syscalls: readonly (SeccompSyscall & {
    readonly includes?: Condition;
    readonly excludes?: Condition;
  })[];
}

const text = readFileSync(new URL('data/docker-default.json', import.meta.url), 'utf8');

/** Docker's names of the architectures that the profile has conditions on. */
const dockerNames: Partial<Record<SeccompArch, string>> = {
  SCMP_ARCH_X86_64: 'amd64',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_S390X: 's390x',
};

/** Docker's default profile for a container without capabilities that it has conditions on. */
export function dockerDefault(native: SeccompArch): Seccomp {
  const profile: DockerProfile = JSON.parse(text);
  const { subArchitectures } =
    profile.archMap.find(({ architecture }) => architecture === native) ?? {};
  const here = dockerNames[native] ?? '';
  const syscalls = profile.syscalls
    .filter(({ includes = {}, excludes = {} }) => {
      const wanted = (includes.arches?.includes(here) ?? true) && includes.caps === undefined;
      return wanted && !excludes.arches?.includes(here);
    })
    .map(({ names, action, errnoRet, args }) => ({
      names,
      action,
      ...(errnoRet !== undefined && { errnoRet }),
      ...(args && { args }),
    }));
  return {
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    architectures: [native, ...(subArchitectures ?? [])],
    syscalls,
  };
}
