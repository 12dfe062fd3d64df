import type { Writer } from './writer.ts';

/** A value of D-Bus with its type (D-Bus specification, "Type System"). */
export interface DBusValue {
  /** `u`, `as`, `(sv)`. */
  readonly signature: string;
  /** Its natural boundary, in bytes. */
  readonly alignment: 1 | 2 | 4 | 8;
  /** Writes it at its boundary. */
  write(writer: Writer): void;
}

/** How the numbers are called in a signature, and how many bytes they take. */
const numberBytes = { y: 1, n: 2, q: 2, i: 4, u: 4, x: 8, t: 8 } as const;
export type NumberType = keyof typeof numberBytes;
const signed: ReadonlySet<NumberType> = new Set(['n', 'i', 'x']);

/** @throws RangeError when the type has no such number */
export function number(type: NumberType, value: number | bigint): DBusValue {
  const bytes = numberBytes[type];
  const wide = BigInt(value);
  const fits = (signed.has(type) ? BigInt.asIntN : BigInt.asUintN)(bytes * 8, wide) === wide;
  if (!fits) throw new RangeError(`${value} does not fit the D-Bus type ${type}`);
  return { signature: type, alignment: bytes, write: (writer) => writer.number(wide, bytes) };
}

export const u32 = (value: number) => number('u', value);
export const u64 = (value: number | bigint) => number('t', value);

/** A `u` that is known only when the message is sent. */
export const hole: DBusValue = {
  signature: 'u',
  alignment: 4,
  write: (writer) => writer.hole(),
};

export function boolean(value: boolean): DBusValue {
  return { signature: 'b', alignment: 4, write: (writer) => writer.number(value ? 1n : 0n, 4) };
}

export function double(value: number): DBusValue {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value, true);
  const word = bytes.getBigUint64(0, true);
  return { signature: 'd', alignment: 8, write: (writer) => writer.number(word, 8) };
}

/** A string, an object path, or a signature, whose length is one byte. */
function textual(type: 's' | 'o' | 'g', value: string): DBusValue {
  const bytes = Buffer.from(value);
  if (bytes.includes(0)) throw new TypeError(`a D-Bus string cannot have a NUL: ${value}`);
  const width = type === 'g' ? 1 : 4;
  return {
    signature: type,
    alignment: width,
    write: (writer) => {
      writer.number(BigInt(bytes.length), width);
      writer.bytes(bytes);
      writer.number(0n, 1);
    },
  };
}

export const string = (value: string) => textual('s', value);
export const objectPath = (value: string) => textual('o', value);
export const signature = (value: string) => textual('g', value);

/** @throws TypeError when an item is not of the type that is named */
export function array(type: string, items: readonly DBusValue[]): DBusValue {
  for (const item of items)
    if (item.signature !== type)
      throw new TypeError(`an array of ${type} cannot hold ${item.signature}`);
  const alignment = alignmentOf(type);
  return {
    signature: `a${type}`,
    alignment: 4,
    write: (writer) =>
      writer.counted(alignment, () => {
        for (const item of items) item.write(writer);
      }),
  };
}

export const strings = (values: readonly string[]) => array('s', values.map(string));

export function bytes(values: Uint8Array): DBusValue {
  return {
    signature: 'ay',
    alignment: 4,
    write: (writer) => writer.counted(1, () => writer.bytes(values)),
  };
}

export function struct(...members: readonly DBusValue[]): DBusValue {
  return {
    signature: `(${members.map((member) => member.signature).join('')})`,
    alignment: 8,
    write: (writer) => {
      writer.align(8);
      for (const member of members) member.write(writer);
    },
  };
}

export function variant(value: DBusValue): DBusValue {
  return {
    signature: 'v',
    alignment: 1,
    write: (writer) => {
      signature(value.signature).write(writer);
      value.write(writer);
    },
  };
}

const eight = new Set(['x', 't', 'd', '(', '{']);
const single = new Set(['y', 'g', 'v']);

/** The boundary of a type, which an array without items keeps too. */
function alignmentOf(type: string): 1 | 2 | 4 | 8 {
  const [first = ''] = type;
  if (eight.has(first)) return 8;
  if (single.has(first)) return 1;
  return first === 'n' || first === 'q' ? 2 : 4;
}
