import { operate } from '../arithmetic.ts';
import { Cell, type Condition, type Operator, type Relation, type Value } from '../values.ts';

const largest = BigInt(Number.MAX_SAFE_INTEGER);
const smallest = BigInt(Number.MIN_SAFE_INTEGER);

/**
 * What stands for a number, refusing what only programs have.
 * @throws TypeError for a cell, or a number that is no safe integer.
 */
export function plain(value: Value): number | bigint {
  if (value instanceof Cell)
    throw new TypeError(`cell ${value.name} only exists in programs, not in calls made now`);
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new TypeError(`${value} is no integer that a word can be made of`);
  return value;
}

/**
 * A 64-bit word as a JavaScript number: unsigned where that is safe, else signed (so that a small
 * negative number stays one).
 * @throws RangeError for a word that is neither: 2^53 to 2^64 - 2^53.
 */
export function asNumber(word: bigint): number {
  const unsigned = BigInt.asUintN(64, word);
  if (unsigned <= largest) return Number(unsigned);
  const signed = BigInt.asIntN(64, word);
  if (signed < 0n && signed >= smallest) return Number(signed);
  throw new RangeError(`0x${unsigned.toString(16)} fits no JavaScript number`);
}

/**
 * Unsigned 64-bit arithmetic that wraps.
 * @throws RangeError when dividing by zero.
 */
export function calculate(left: Value, operator: Operator, right: Value): number {
  return asNumber(operate(BigInt(plain(left)), operator, BigInt(plain(right))));
}

const relations: Record<Relation, (left: bigint, right: bigint) => boolean> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

/** Compares as signed 64-bit words. */
export function holds({ left, relation, right }: Condition): boolean {
  const word = (value: Value) => BigInt.asIntN(64, BigInt(plain(value)));
  return relations[relation](word(left), word(right));
}
