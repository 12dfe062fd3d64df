import { writeFileSync } from 'node:fs';
import {
  compileFilter,
  describeReturn,
  disassemble,
  type Explanation,
  explain,
  syscallName,
  syscallNumber,
  verdict,
} from '@oci/seccomp';
import type { Seccomp, SeccompArch } from '@oci/spec';
import { type ProfileOptions, readProfile, targetOf } from './seccomp-profile.ts';

export type { ProfileOptions } from './seccomp-profile.ts';

interface OutputOptions extends ProfileOptions {
  /** Where the filter goes, instead of a text. */
  readonly output?: string;
}

/** Compiles a profile as for a container. @throws SpecError */
export function compileProfile(
  file: string,
  options: OutputOptions,
): { readonly text: string; readonly warnings: readonly string[] } {
  const target = targetOf(options);
  const { profile, at } = readProfile(file, target);
  const { filter, skipped } = compileFilter(profile, compileOptions(target.architecture, at));
  const warnings = skipped.map(({ path, name }) => `${path}: no system call is called ${name}`);
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
  options: ProfileOptions,
): string {
  const target = targetOf(options);
  const arch = target.architecture;
  const { profile, at } = readProfile(file, target);
  const nr = callNumber(arch, name);
  const call = { arch, nr, args: argumentsOf(words) };
  const compiling = compileOptions(arch, at);
  const explanation = explain(profile, call, compiling);
  const { filter } = compileFilter(profile, compiling);
  const { executed } = verdict(filter, call);
  const shown = `${syscallName(arch, nr) ?? 'a call without a name'} (${nr} on ${arch})`;
  const count = executed === 1 ? '1 instruction' : `${executed} instructions`;
  return [
    `${shown}: ${describeReturn(explanation.value)}, after ${count} of ${filter.length}`,
    `${explanation.path}: ${reasonOf(explanation, profile, at)}`,
    '',
  ].join('\n');
}

/** A profile as `linux.seccomp` holds it. @throws SpecError */
export function convertProfile(file: string, options: ProfileOptions): string {
  const { profile } = readProfile(file, targetOf(options));
  return `${toJson(profile, 4)}\n`;
}

/** Calls that are newer than the profile are answered as they are in containers. */
function compileOptions(architecture: SeccompArch, at: string) {
  return { architecture, newerCalls: 'ENOSYS', at } as const;
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

function argumentsOf(words: readonly string[]): bigint[] {
  if (words.length > MOST_ARGUMENTS)
    throw new Error(`a system call has at most ${MOST_ARGUMENTS} arguments`);
  return words.map((word) => {
    if (!/^(-?\d+|0x[\da-f]+)$/i.test(word)) throw new Error(`${word} is not a whole number`);
    return BigInt(word);
  });
}

/** Numbers beyond 2^53 are bigints, which JSON.stringify refuses. */
function toJson(value: unknown, indent?: number): string {
  const mark = '\0';
  const marked = (_: string, each: unknown) => (typeof each === 'bigint' ? mark + each : each);
  return JSON.stringify(value, marked, indent).replace(/"\\u0000(\d+)"/g, '$1');
}
