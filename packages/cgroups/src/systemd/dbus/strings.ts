import { compare, type Kernel, type Memory, type Value } from '@oci/kernel';

/** A string within a memory: a length of 32 bits, then its bytes. */
export interface Place {
  readonly memory: Memory;
  readonly at: Value;
}

const LENGTH_BYTES = 4;
const SPACE = 0x20;
const DELETE = 0x7f;

/** 1 when two strings are the same, else 0. */
export function sameString(k: Kernel, one: Place, other: Place): Value {
  const same = k.variable('same', 1);
  const left = k.variable('left', k.load(one.memory, one.at, LENGTH_BYTES));
  k.when(compare(left.value, '!=', k.load(other.memory, other.at, LENGTH_BYTES)), () => {
    k.set(same, 0);
    k.set(left, 0);
  });
  k.loop((leave) => {
    k.when(compare(left.value, '==', 0), leave);
    k.set(left, k.compute(left.value, '-', 1));
    k.when(compare(byte(k, one, left.value), '!=', byte(k, other, left.value)), () => {
      k.set(same, 0);
      k.set(left, 0);
    });
  });
  return same.value;
}

/** Copies a string for use in a text: as much as fits, control characters as spaces. */
export function copyString(k: Kernel, from: Place, into: Memory): void {
  const length = k.load(from.memory, from.at, LENGTH_BYTES);
  const index = k.variable('index', 0);
  k.loop((leave) => {
    k.when(compare(index.value, '==', into.size - 1), leave);
    k.when(compare(index.value, '==', length), leave);
    const letter = k.variable('letter', byte(k, from, index.value));
    k.when(compare(letter.value, '<', SPACE), () => k.set(letter, SPACE));
    k.when(compare(letter.value, '==', DELETE), () => k.set(letter, SPACE));
    k.store(into, index.value, 1, letter.value);
    k.set(index, k.compute(index.value, '+', 1));
  });
  k.store(into, index.value, 1, 0);
}

function byte(k: Kernel, { memory, at }: Place, index: Value): Value {
  return k.load(memory, k.compute(k.compute(at, '+', LENGTH_BYTES), '+', index), 1);
}

/** The place behind a string and its NUL. */
export function endOfString(k: Kernel, { memory, at }: Place): Value {
  return k.compute(k.compute(at, '+', LENGTH_BYTES + 1), '+', k.load(memory, at, LENGTH_BYTES));
}

/** The place of a string that follows another. */
export function afterString(k: Kernel, place: Place): Value {
  return aligned(k, endOfString(k, place), LENGTH_BYTES);
}

/** The least multiple that is not below a place. */
export function aligned(k: Kernel, at: Value, boundary: number): Value {
  const past = k.compute(at, '+', boundary - 1);
  return k.compute(past, '-', k.compute(past, '%', boundary));
}
