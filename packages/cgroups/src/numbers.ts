import { type Int64, toInt64 } from '@oci/spec';

/** Whether a limit is given: runc takes 0 for none, and engines count on it. */
export function isGiven(value: Int64 | undefined): value is Int64 {
  return value !== undefined && toInt64(value) !== 0n;
}

export function isUnlimited(value: Int64): boolean {
  return toInt64(value) === -1n;
}

/** A limit as version 2 spells it: no limit is `max` there, -1 in a config. */
export function limitOrMax(value: Int64): string {
  return isUnlimited(value) ? 'max' : String(toInt64(value));
}
