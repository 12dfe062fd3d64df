import type { Operator } from './values.ts';

const operators: Record<Operator, (left: bigint, right: bigint) => bigint> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  // Shift counts are taken modulo 64, as both processors do.
  '<<': (left, right) => left << (right & 63n),
  '>>': (left, right) => left >> (right & 63n),
};

/**
 * Arithmetic on unsigned 64-bit words, which wraps.
 * @throws RangeError when dividing by zero.
 */
export function operate(left: bigint, operator: Operator, right: bigint): bigint {
  const [a, b] = [BigInt.asUintN(64, left), BigInt.asUintN(64, right)];
  return BigInt.asUintN(64, operators[operator](a, b));
}
