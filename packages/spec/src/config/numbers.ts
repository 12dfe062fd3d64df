import * as z from 'zod/mini';

/** A 64-bit integer: a bigint where a JSON literal does not fit a double exactly. */
export type Int64 = number | bigint;

/** What is wrong with a value that is not there is only that. */
function demand(message: string) {
  return ({ input }: { readonly input?: unknown }) =>
    input === undefined ? 'is required' : message;
}

function integer(min: number, max: number) {
  return z.custom<number>(
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
    { error: demand(`must be an integer from ${min} to ${max}`), abort: true },
  );
}

function wideInteger(min: bigint, max: bigint) {
  // As doubles: 2^63 and 2^64 stay allowed, because JSON.parse rounds the largest values up to them.
  const [low, high] = [Number(min), Number(max)];
  return z.custom<Int64>(
    (value) =>
      typeof value === 'bigint'
        ? value >= min && value <= max
        : typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high,
    { error: demand(`must be an integer from ${min} to ${max}`), abort: true },
  );
}

const maxInt64 = 0x7fff_ffff_ffff_ffffn;
const maxUint64 = 0xffff_ffff_ffff_ffffn;

export const int32 = integer(-0x8000_0000, 0x7fff_ffff);
export const uint16 = integer(0, 0xffff);
export const uint32 = integer(0, 0xffff_ffff);
export const int64 = wideInteger(-maxInt64 - 1n, maxInt64);
export const uint64 = wideInteger(0n, maxUint64);

export const optionalInt32 = z.optional(int32);
export const optionalUint16 = z.optional(uint16);
export const optionalUint32 = z.optional(uint32);
export const optionalInt64 = z.optional(int64);
export const optionalUint64 = z.optional(uint64);

/** Whole and at least one: what the specification asks of a hook's timeout. */
export const positiveInteger = z.custom<number>(
  (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0,
  'must be an integer greater than zero',
);

/** A uint64 field as a bigint; a double that JSON.parse rounded up to 2^64 is read as the largest value. */
export function toUint64(value: Int64): bigint {
  const wide = BigInt(value);
  return wide > maxUint64 ? maxUint64 : wide;
}

/** An int64 field as a bigint; a double that JSON.parse rounded up to 2^63 is read as the largest value. */
export function toInt64(value: Int64): bigint {
  const wide = BigInt(value);
  return wide > maxInt64 ? maxInt64 : wide;
}
