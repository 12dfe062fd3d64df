import { writeFileSync } from 'node:fs';
import {
  type CompiledProfile,
  checkLoading,
  compileFilter,
  describeReturn,
  disassemble,
  type Explanation,
  explain,
  syscallName,
  syscallNumber,
  verdict,
} from '@oci/seccomp';
import { type Seccomp, type SeccompArch, SpecError } from '@oci/spec';
import {
  architectureOf,
  type ProfileOptions,
  type ReadProfile,
  readProfile,
  targetOf,
} from './seccomp-profile.ts';

export type { ProfileOptions } from './seccomp-profile.ts';

interface OutputOptions extends ProfileOptions {
  /** Where the filter goes, instead of a text. */
  readonly output?: string;
}

export interface ExplainOptions extends ProfileOptions {
  /** `SCMP_ARCH_*`: which architecture's the call is; that of the machine when absent. */
  readonly callArch?: string;
}

/** Compiles a profile as for a container. @throws SpecError */
export function compileProfile(
  file: string,
  options: OutputOptions,
): { readonly text: string; readonly warnings: readonly string[] } {
  const target = targetOf(options);
  const read = readProfile(file, target);
  const { filter, skipped } = compile(read, target.architecture);
  const warnings = skipped.map(
    ({ path, name }) => `${read.originOf(path)}: no system call is called ${name}`,
  );
  if (options.output !== undefined) {
    writeFileSync(options.output, filter.bytes);
    return { text: '', warnings };
  }
  const heading = `# ${target.architecture}: ${filter.length} instructions, ${filter.bytes.length} bytes`;
  return { text: `${heading}\n${disassemble(filter).trimEnd()}\n`, warnings };
}

/** What a profile does with a call, in a few lines. @throws SpecError, Error for a call that is none */
export function explainCall(
  file: string,
  name: string,
  words: readonly string[],
  options: ExplainOptions,
): string {
  const target = targetOf(options);
  const asked = architectureOf('--call-arch', options.callArch) ?? target.architecture;
  const read = readProfile(file, target);
  const { profile, at, originOf } = read;
  const nr = callNumber(asked, name);
  const call = { arch: asked, nr, args: argumentsOf(words) };
  const { filter } = compile(read, target.architecture);
  const { executed } = verdict(filter, call);
  const explanation = explain(profile, call, compileOptions(target.architecture, at));
  // A number may be another architecture's: x32's are told from x86-64's by themselves.
  const { arch = asked } = explanation;
  const shown = `${syscallName(arch, nr) ?? 'a call without a name'} (${nr} on ${arch})`;
  const count = executed === 1 ? '1 instruction' : `${executed} instructions`;
  return [
    `${shown}: ${describeReturn(explanation.value)}, after ${count} of ${filter.length}`,
    `${originOf(explanation.path)}: ${reasonOf(explanation, profile, at)}`,
    '',
  ].join('\n');
}

/** A profile as `linux.seccomp` holds it. @throws SpecError if no container could have it */
export function convertProfile(file: string, options: ProfileOptions): string {
  const target = targetOf(options);
  const read = readProfile(file, target);
  const { profile, at, originOf } = read;
  const issues = checkLoading(profile, at);
  if (issues.length > 0)
    throw new SpecError(
      'seccomp profile',
      issues.map(({ path, message }) => ({ path: originOf(path), message })),
    );
  compile(read, target.architecture);
  return `${toJson(profile, 4)}\n`;
}

/** Calls that are newer than the profile are answered as they are in containers. */
function compileOptions(architecture: SeccompArch, at: string) {
  return { architecture, newerCalls: 'ENOSYS', at } as const;
}

/** @throws SpecError by the paths of the file */
function compile(read: ReadProfile, architecture: SeccompArch): CompiledProfile {
  const { profile, at, originOf } = read;
  try {
    return compileFilter(profile, compileOptions(architecture, at));
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const issues = error.issues.map(({ path, message }) => ({
      path: originOf(path),
      // It may name another rule.
      message: message.replaceAll(/\bprofile\.[\w.[\]]+/g, originOf),
    }));
    throw new SpecError('seccomp profile', issues);
  }
}

function reasonOf({ reason, path, name }: Explanation, profile: Seccomp, at: string): string {
  switch (reason) {
    case 'rule': {
      const rule = profile.syscalls?.find((_, index) => path === `${at}.syscalls[${index}]`);
      return toJson({ ...rule, names: [name] });
    }
    case 'default':
      return 'no rule holds';
    case 'newer':
      return 'newer than all calls that the profile names';
    case 'architecture':
      return 'not one of these';
  }
}

function callNumber(arch: SeccompArch, name: string): number {
  const nr = /^(\d+|0x[\da-f]+)$/i.test(name) ? Number(name) : syscallNumber(arch, name);
  if (nr === undefined) throw new Error(`${arch} has no system call ${name}`);
  if (nr > 0xffff_ffff) throw new Error(`${name} is no number of a system call`);
  return nr;
}

const MOST_ARGUMENTS = 6;
/** Of an argument as a signed and as an unsigned number. */
const LEAST = -(2n ** 63n);
const LARGEST = 2n ** 64n - 1n;

function argumentsOf(words: readonly string[]): bigint[] {
  if (words.length > MOST_ARGUMENTS)
    throw new Error(`a system call has at most ${MOST_ARGUMENTS} arguments`);
  return words.map((word) => {
    if (!/^(-?\d+|0x[\da-f]+)$/i.test(word)) throw new Error(`${word} is not a whole number`);
    const value = BigInt(word);
    if (value < LEAST || value > LARGEST) throw new Error(`${word} has more than 64 bits`);
    return value;
  });
}

/** Numbers beyond 2^53 are bigints, which JSON.stringify refuses. */
function toJson(value: unknown, indent?: number): string {
  const mark = '\0';
  const marked = (_: string, each: unknown) => (typeof each === 'bigint' ? mark + each : each);
  return JSON.stringify(value, marked, indent).replace(/"\\u0000(\d+)"/g, '$1');
}
