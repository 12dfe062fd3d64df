import type { SeccompOperator } from '@oci/spec';
import { type Comparison, equal } from './comparison.ts';

/** Equalities are tried first, then upper bounds, then lower bounds. */
const ranks: Record<SeccompOperator, number> = {
  SCMP_CMP_EQ: 0,
  SCMP_CMP_NE: 0,
  SCMP_CMP_MASKED_EQ: 0,
  SCMP_CMP_LT: 1,
  SCMP_CMP_LE: 1,
  SCMP_CMP_GT: 2,
  SCMP_CMP_GE: 2,
};

/**
 * Orders the conditional rules of one call as libseccomp tries them; the first that holds decides.
 * Both lists are in the order of their arguments. The first comparison in which they differ tells:
 * that of the later argument comes first; of one argument, equalities come before upper bounds
 * before lower bounds; of one kind, the larger value, but the smaller upper bound. 0 leaves them in
 * the profile's order.
 */
export function byPrecedence(a: readonly Comparison[], b: readonly Comparison[]): number {
  for (let i = 0; ; i++) {
    const [left, right] = [a[i], b[i]];
    if (!left || !right) return a.length - b.length;
    if (left.index !== right.index) return right.index - left.index;
    const rank = ranks[left.operator];
    if (rank !== ranks[right.operator]) return rank - ranks[right.operator];
    if (left.value !== right.value) return left.value > right.value === (rank === 1) ? 1 : -1;
    if (!equal(left, right)) return 0;
  }
}

/** Whether `rule` asks for all that `other` begins with, so that it holds wherever `other` does. */
export function startsWith(other: readonly Comparison[], rule: readonly Comparison[]): boolean {
  return (
    rule.length <= other.length &&
    rule.every((comparison, i) => {
      const counterpart = other[i];
      return counterpart !== undefined && equal(comparison, counterpart);
    })
  );
}
