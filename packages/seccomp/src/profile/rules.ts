import type { Seccomp, SeccompArg } from '@oci/spec';
import { returnValue } from '../actions.ts';
import { syscallPosition } from '../syscalls.ts';

/** An entry of a profile's `syscalls`. */
export interface Rule {
  /** Its place in `syscalls`. */
  readonly entry: number;
  /** What the filter returns where it holds. */
  readonly value: number;
  /** `syscallPosition` of each of its names that any architecture has. */
  readonly calls: readonly number[];
  /** Conditions, one list of which must hold as a whole. */
  readonly alternatives: readonly (readonly SeccompArg[])[];
}

/** A name that no architecture has: perhaps of a call newer than our tables. */
export interface SkippedName {
  /** `linux.seccomp.syscalls[0].names[17]` */
  readonly path: string;
  readonly name: string;
}

export interface Rules {
  readonly rules: readonly Rule[];
  readonly skipped: readonly SkippedName[];
  /** What the filter returns where no rule holds. */
  readonly defaultValue: number;
}

/**
 * Reads a profile's rules, for any architecture.
 * @param at the profile's JSON path
 */
export function readRules(profile: Seccomp, at: string): Rules {
  const skipped: SkippedName[] = [];
  const rules = (profile.syscalls ?? []).map(({ names, action, errnoRet, args }, entry) => {
    const calls: number[] = [];
    for (let i = 0; i < names.length; i++) {
      const name = names[i] ?? '';
      const position = syscallPosition(name);
      if (position === undefined)
        skipped.push({ path: `${at}.syscalls[${entry}].names[${i}]`, name });
      else calls.push(position);
    }
    return { entry, value: returnValue(action, errnoRet), calls, alternatives: alternatives(args) };
  });
  const defaultValue = returnValue(profile.defaultAction, profile.defaultErrnoRet);
  return { rules, skipped, defaultValue };
}

/**
 * All conditions of a rule must hold. But libseccomp takes one condition an argument, and where a
 * rule has more, runc and crun let any one condition do.
 */
function alternatives(args: readonly SeccompArg[] = []): SeccompArg[][] {
  const distinct = new Set(args.map(({ index }) => index));
  if (distinct.size < args.length) return args.map((arg) => [arg]);
  return [[...args].sort((a, b) => a.index - b.index)];
}
