import { findFilterIssues, type Seccomp, type SeccompArch, SpecError } from '@oci/spec';
import { architecture } from './architectures.ts';
import { BPF_MAXINSNS } from './bpf/opcodes.ts';
import { assemble } from './decision/assemble.ts';
import { decide } from './decision/decide.ts';
import { Filter, INSTRUCTION_SIZE } from './filter.ts';
import { type ArchitectureCalls, applyRules } from './profile/calls.ts';
import { type Rules, readRules, type SkippedName } from './profile/rules.ts';

export interface CompileOptions {
  /** Where the filter will be loaded. It is part of the filter, listed in the profile or not. */
  readonly architecture: SeccompArch;
  /**
   * What becomes of calls with higher numbers than all that the profile names: `ENOSYS`, as with
   * runc, so that programs fall back to older calls, if the default action is one that denies, and on
   * architectures that the profile lists; or the default action, as with libseccomp and crun.
   * `default` unless given.
   */
  readonly newerCalls?: 'default' | 'ENOSYS';
  /** The profile's JSON path, for errors; `linux.seccomp` unless given. */
  readonly at?: string;
}

export interface CompiledProfile {
  readonly filter: Filter;
  /** Names that no architecture has. They are left out, as runc and crun do. */
  readonly skipped: readonly SkippedName[];
  /** Whether the filter can return SECCOMP_RET_USER_NOTIF, so that loading it makes a listener. */
  readonly notifies: boolean;
}

/** What compiling and explaining a profile have in common. */
export interface ReadProfile extends Rules {
  /** The native architecture first. */
  readonly architectures: readonly ArchitectureCalls[];
}

/**
 * Compiles a profile (config-linux.md, "Seccomp") into a filter with libseccomp's semantics. Flags
 * and the listener's path are for whoever loads it.
 * @throws SpecError names the JSON path of what cannot be compiled.
 */
export function compileFilter(profile: Seccomp, options: CompileOptions): CompiledProfile {
  const { architectures, defaultValue, skipped } = readProfile(profile, options);
  const bytes = assemble(decide(architectures, defaultValue));
  const length = bytes.length / INSTRUCTION_SIZE;
  if (length > BPF_MAXINSNS) {
    const message = `compiles to ${length} instructions: Linux takes ${BPF_MAXINSNS} at most`;
    throw new SpecError('seccomp profile', [{ path: pathOf(options), message }]);
  }
  return { filter: new Filter(bytes), skipped, notifies: notifies(profile) };
}

/** @throws SpecError */
export function readProfile(profile: Seccomp, options: CompileOptions): ReadProfile {
  const at = pathOf(options);
  const issues = findFilterIssues(profile, at);
  if (issues.length > 0) throw new SpecError('seccomp profile', issues);
  const rules = readRules(profile, at);
  const listed = new Set(profile.architectures);
  const refuseNewer = options.newerCalls === 'ENOSYS' && denies(profile);
  const architectures = filterArchitectures(profile, options).map((info) =>
    applyRules(info, rules, { at, refuseNewer: refuseNewer && listed.has(info.name) }),
  );
  return { ...rules, architectures };
}

/** The native one, which libseccomp always adds, then those that the profile lists. */
function filterArchitectures(
  { architectures: listed = [] }: Seccomp,
  options: CompileOptions,
): ReturnType<typeof architecture>[] {
  const native = architecture(options.architecture);
  const others = listed.map((name, i) => {
    const info = architecture(name);
    if (info.bigEndian === native.bigEndian) return info;
    const message = `${name} has another byte order than ${native.name}, on which the filter is to run`;
    throw new SpecError('seccomp profile', [
      { path: `${pathOf(options)}.architectures[${i}]`, message },
    ]);
  });
  return [...new Set([native, ...others])];
}

/** runc counts TRACE as permissive: a tracer can answer ENOSYS itself. */
function denies({ defaultAction }: Seccomp): boolean {
  return !['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(defaultAction);
}

function notifies({ defaultAction, syscalls = [] }: Seccomp): boolean {
  return (
    defaultAction === 'SCMP_ACT_NOTIFY' ||
    syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY')
  );
}

function pathOf({ at = 'linux.seccomp' }: CompileOptions): string {
  return at;
}
