import type { Arithmetic, Comparison } from '../../src/instructions.ts';

/** Words at the edges of every width and sign. */
export const edges: readonly bigint[] = [
  0n,
  1n,
  2n,
  63n,
  64n,
  127n,
  128n,
  4095n,
  4096n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  (1n << 63n) - 1n,
  1n << 63n,
  word(-0x8000_0000n),
  word(-0x8000_0001n),
  word(-4096n),
  word(-4095n),
  word(-128n),
  word(-1n),
];

export function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** Words of all magnitudes, the same in every run: xorshift64. */
export function randomWords(count: number): bigint[] {
  let state = 0x9e37_79b9_7f4a_7c15n;
  return Array.from({ length: count }, () => {
    state ^= word(state << 13n);
    state ^= state >> 7n;
    state ^= word(state << 17n);
    return state >> (state % 64n);
  });
}

/** What the operations mean, in other words than the back ends'. */
export const arithmetic: Record<Arithmetic, (left: bigint, right: bigint) => bigint> = {
  add: (left, right) => word(left + right),
  sub: (left, right) => word(left - right),
  mul: (left, right) => word(left * right),
  div: (left, right) => left / right,
  rem: (left, right) => left % right,
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  shl: (left, right) => word(left << (right % 64n)),
  shr: (left, right) => left >> (right % 64n),
};

const signed = (value: bigint) => BigInt.asIntN(64, value);

export const comparisons: Record<Comparison, (left: bigint, right: bigint) => boolean> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => signed(left) < signed(right),
  le: (left, right) => signed(left) <= signed(right),
  gt: (left, right) => signed(left) > signed(right),
  ge: (left, right) => signed(left) >= signed(right),
  below: (left, right) => left < right,
  aboveOrEqual: (left, right) => left >= right,
};

export function keys<Key extends string>(record: Record<Key, unknown>): Key[] {
  const found: Key[] = [];
  for (const key in record) found.push(key);
  return found;
}
