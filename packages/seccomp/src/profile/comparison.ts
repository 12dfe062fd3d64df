import { type SeccompArg, type SeccompOperator, toUint64 } from '@oci/spec';

/** A condition on one argument of a call, as an architecture compares it. */
export interface Comparison {
  /** Which argument, from 0 to 5. */
  readonly index: number;
  readonly operator: SeccompOperator;
  /** What is compared with; of MASKED_EQ only bits in the mask. */
  readonly value: bigint;
  /** Which bits MASKED_EQ looks at; all, for the others. */
  readonly mask: bigint;
}

const all = { 32: 0xffff_ffffn, 64: 0xffff_ffff_ffff_ffffn };

/**
 * What an architecture makes of a profile's `args` entry: on one with 32 bits, the lower half of
 * everything. `undefined` if it holds for every argument.
 */
export function toComparison(arg: SeccompArg, bits: 32 | 64): Comparison | undefined {
  const { index, op: operator } = arg;
  const value = toUint64(arg.value) & all[bits];
  if (operator !== 'SCMP_CMP_MASKED_EQ') return { index, operator, value, mask: all[bits] };
  // MASKED_EQ's mask is `value`, and what must be equal is `valueTwo`.
  if (value === 0n) return undefined;
  const expected = toUint64(arg.valueTwo ?? 0) & value;
  if (value === all[bits])
    return { index, operator: 'SCMP_CMP_EQ', value: expected, mask: all[bits] };
  return { index, operator, value: expected, mask: value };
}

export function equal(a: Comparison, b: Comparison): boolean {
  return (
    a.index === b.index && a.operator === b.operator && a.value === b.value && a.mask === b.mask
  );
}

/** Whether the comparison holds for an argument that has no more bits than the architecture. */
export function holds({ operator, value, mask }: Comparison, argument: bigint): boolean {
  switch (operator) {
    case 'SCMP_CMP_NE':
      return argument !== value;
    case 'SCMP_CMP_LT':
      return argument < value;
    case 'SCMP_CMP_LE':
      return argument <= value;
    case 'SCMP_CMP_EQ':
      return argument === value;
    case 'SCMP_CMP_GE':
      return argument >= value;
    case 'SCMP_CMP_GT':
      return argument > value;
    case 'SCMP_CMP_MASKED_EQ':
      return (argument & mask) === value;
  }
}
