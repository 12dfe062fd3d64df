import type { Seccomp, SeccompArch } from '@oci/spec';
import { badArchitecture, noSuchCall } from './actions.ts';
import { architecture, X32_BIT } from './architectures.ts';
import { type CompileOptions, type ReadProfile, readProfile } from './compile.ts';
import type { ArchitectureCalls } from './profile/calls.ts';
import { holds } from './profile/comparison.ts';
import type { Call } from './simulate.ts';
import { positionOfNumber, syscallName } from './syscalls.ts';

/** Why a profile's filter returns what it does. */
export interface Explanation {
  /** What the filter returns. */
  readonly value: number;
  /**
   * - `rule`: a rule of the profile holds;
   * - `default`: none does;
   * - `newer`: the call is newer than all that the profile names (`newerCalls`);
   * - `architecture`: the call comes from an architecture that is not in the filter.
   */
  readonly reason: 'rule' | 'default' | 'newer' | 'architecture';
  /** The JSON path of what decided: `linux.seccomp.syscalls[3]`, `linux.seccomp.defaultAction`. */
  readonly path: string;
  /** The architecture that the call is counted to, if it is in the filter. */
  readonly arch?: SeccompArch;
  /** The call's name there, if it has one. */
  readonly name?: string;
}

/**
 * Which part of a profile decides a call. Worked out from the profile's rules, without a filter.
 * @throws SpecError as `compileFilter` does
 */
export function explain(profile: Seccomp, call: Call, options: CompileOptions): Explanation {
  const read = readProfile(profile, options);
  const at = options.at ?? 'linux.seccomp';
  const section = findSection(read, call);
  if (!section) {
    const isNone = call.nr >>> 0 === 0xffff_ffff && isListed(read, call);
    return isNone
      ? { value: read.defaultValue, reason: 'default', path: `${at}.defaultAction` }
      : { value: badArchitecture, reason: 'architecture', path: `${at}.architectures` };
  }
  const arch = section.architecture.name;
  const name = syscallName(arch, call.nr);
  const subject = { arch, ...(name !== undefined && { name }) };
  if (isNewer(section, call.nr >>> 0))
    return { value: noSuchCall, reason: 'newer', path: `${at}.syscalls`, ...subject };
  const { bits } = section.architecture;
  const rule = section.calls[positionOfNumber(arch, call.nr >>> 0) ?? -1]?.find(({ comparisons }) =>
    comparisons.every((one) =>
      holds(one, BigInt.asUintN(bits, BigInt(call.args?.[one.index] ?? 0))),
    ),
  );
  return rule
    ? { value: rule.value, reason: 'rule', path: `${at}.syscalls[${rule.entry}]`, ...subject }
    : { value: read.defaultValue, reason: 'default', path: `${at}.defaultAction`, ...subject };
}

function sameAudit({ architectures }: ReadProfile, { arch }: Call): ArchitectureCalls[] {
  const audit = typeof arch === 'number' ? arch >>> 0 : architecture(arch).audit;
  return architectures.filter((calls) => calls.architecture.audit === audit);
}

function isListed(read: ReadProfile, call: Call): boolean {
  return sameAudit(read, call).length > 0;
}

/** x86-64 and x32 share an audit architecture and tell their calls apart by bit 30. */
function findSection(read: ReadProfile, call: Call): ArchitectureCalls | undefined {
  const sections = sameAudit(read, call);
  const isX32 = call.nr >>> 0 >= X32_BIT;
  return sections.find(({ architecture: { name, base } }) =>
    base === X32_BIT ? isX32 : name !== 'SCMP_ARCH_X86_64' || !isX32,
  );
}

function isNewer({ architecture: { name }, newest }: ArchitectureCalls, nr: number): boolean {
  const isUnknown = nr === 0 && /S390/.test(name);
  return newest >= 0 && (nr > newest || isUnknown);
}
