import type { SeccompArch } from '@oci/spec';
import type { Conditions, Rule } from './profile.ts';

/** What a profile's conditions are about. */
export interface DockerTarget {
  readonly architecture: SeccompArch;
  /** The container's bounding set: `CAP_*`. */
  readonly capabilities: readonly string[];
  /** As uname(2) has it: `6.18.2-amd64`. */
  readonly kernelRelease: string;
}

/** Whether a rule applies to the target. */
export function condition(target: DockerTarget): (rule: Rule) => boolean {
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

/** The first two numbers of a kernel's version. */
export function version(text: string): readonly [major: number, minor: number] | undefined {
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
