/**
 * A second implementation of D-Bus's wire format, for tests alone, so that what we send is read by
 * something that does not share our mistakes. Little-endian.
 */

/** Numbers of up to 32 bits, bigints of 64, strings, booleans, lists, or a variant's content. */
export type Content = number | bigint | string | boolean | Content[] | Variant;

export interface Variant {
  readonly type: string;
  readonly value: Content;
}

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  /** By their codes. */
  readonly fields: ReadonlyMap<number, Content>;
  readonly body: readonly Content[];
}

class Reader {
  at: number;
  readonly #data: Buffer;
  constructor(data: Buffer, at = 0) {
    this.#data = data;
    this.at = at;
  }

  value(type: string): Content {
    switch (type[0]) {
      case 'y':
        return this.#data.readUInt8(this.at++);
      case 'b': {
        const number = this.#u32();
        if (number > 1) throw new Error(`${number} is no boolean`);
        return number === 1;
      }
      case 'i':
        this.#align(4);
        this.at += 4;
        return this.#data.readInt32LE(this.at - 4);
      case 'u':
        return this.#u32();
      case 't':
        this.#align(8);
        this.at += 8;
        return this.#data.readBigUInt64LE(this.at - 8);
      case 'd':
        this.#align(8);
        this.at += 8;
        return this.#data.readDoubleLE(this.at - 8);
      case 's':
      case 'o':
        return this.#text(this.#u32());
      case 'g':
        return this.#text(this.#data.readUInt8(this.at++));
      case 'a':
        return this.#array(type.slice(1));
      case '(':
        this.#align(8);
        return types(type.slice(1, -1)).map((member) => this.value(member));
      case 'v': {
        const inner = String(this.value('g'));
        if (types(inner).length !== 1) throw new Error(`a variant of ${inner}`);
        return { type: inner, value: this.value(inner) };
      }
      default:
        throw new Error(`type ${type}`);
    }
  }

  #array(type: string): Content[] {
    const length = this.#u32();
    this.#align('(xtd{'.includes(type[0] ?? '') ? 8 : 'yvg'.includes(type[0] ?? '') ? 1 : 4);
    const end = this.at + length;
    const items: Content[] = [];
    while (this.at < end) items.push(this.value(type));
    if (this.at !== end) throw new Error('an array ends within an item');
    return items;
  }

  #u32(): number {
    this.#align(4);
    this.at += 4;
    return this.#data.readUInt32LE(this.at - 4);
  }

  #text(length: number): string {
    const text = this.#data.toString('utf8', this.at, this.at + length);
    this.at += length;
    if (this.#data[this.at++] !== 0) throw new Error('a string without its NUL');
    return text;
  }

  #align(boundary: number): void {
    for (; this.at % boundary !== 0; this.at++)
      if (this.#data[this.at] !== 0) throw new Error('padding is not zero');
  }
}

/** The complete types that a signature is made of. */
function types(signature: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const start = at;
    while (signature[at] === 'a') at++;
    if (signature[at] === '(') {
      for (let depth = 0; ; ) {
        depth += signature[at] === '(' ? 1 : signature[at] === ')' ? -1 : 0;
        at++;
        if (depth === 0) break;
      }
    } else at++;
    found.push(signature.slice(start, at));
  }
  return found;
}

/** The first whole message of some bytes, and how many they are. */
export function unmarshal(data: Buffer): { message: Message; bytes: number } | undefined {
  if (data.length < 16) return undefined;
  if (data.toString('latin1', 0, 1) !== 'l' || data[3] !== 1) throw new Error('not a message');
  const reader = new Reader(data, 12);
  const fieldsEnd = 16 + data.readUInt32LE(12);
  const bodyStart = Math.ceil(fieldsEnd / 8) * 8;
  const bytes = bodyStart + data.readUInt32LE(4);
  if (data.length < bytes) return undefined;
  const fields = new Map<number, Content>();
  for (const entry of listOf(reader.value('a(yv)'))) {
    const [code, content] = listOf(entry);
    if (typeof code !== 'number' || typeof content !== 'object' || !('value' in content))
      throw new Error('a strange header field');
    fields.set(code, content.value);
  }
  const body = new Reader(data.subarray(bodyStart, bytes));
  const contents = types(String(fields.get(8) ?? '')).map((type) => body.value(type));
  if (body.at !== bytes - bodyStart) throw new Error('bytes behind the body');
  const [type, flags, serial] = [data.readUInt8(1), data.readUInt8(2), data.readUInt32LE(8)];
  return { message: { type, flags, serial, fields, body: contents }, bytes };
}

function listOf(content: Content): Content[] {
  if (!Array.isArray(content)) throw new Error('not a list');
  return content;
}

/** What a bus or a service sends: bodies of strings, object paths and 32-bit numbers suffice. */
export interface Outgoing {
  readonly type: 'reply' | 'error' | 'signal' | 'call';
  readonly serial?: number;
  readonly fields: Readonly<Record<number, string | number>>;
  readonly body?: readonly (readonly [type: 's' | 'o' | 'u', value: string | number])[];
}

const fieldTypes: Readonly<Record<number, string>> = { 1: 'o', 5: 'u', 8: 'g' };
const messageTypes = { call: 1, reply: 2, error: 3, signal: 4 } as const;

export function marshal({ type, serial = 1, fields, body = [] }: Outgoing): Buffer {
  let content: Buffer = Buffer.alloc(0);
  for (const [kind, value] of body) content = append(content, kind, value);
  const all = { ...fields, ...(body.length > 0 ? { 8: body.map(([kind]) => kind).join('') } : {}) };
  // Behind the sixteen fixed bytes, which end at a multiple of eight.
  const list = Object.entries(all).reduce<Buffer>((bytes, [code, value]) => {
    const kind = fieldTypes[Number(code)] ?? 's';
    const start = Buffer.from([Number(code), 1, kind.charCodeAt(0), 0]);
    return append(Buffer.concat([padded(bytes, 8), start]), kind, value);
  }, Buffer.alloc(0));
  const fixed = Buffer.from(['l'.charCodeAt(0), messageTypes[type], 0, 1, ...Array(12).fill(0)]);
  fixed.writeUInt32LE(content.length, 4);
  fixed.writeUInt32LE(serial, 8);
  fixed.writeUInt32LE(list.length, 12);
  return Buffer.concat([fixed, padded(list, 8), content]);
}

function append(bytes: Buffer, type: string, value: string | number): Buffer {
  if (typeof value === 'number') {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(value);
    return Buffer.concat([padded(bytes, 4), word]);
  }
  const text = Buffer.from(value);
  if (type === 'g')
    return Buffer.concat([bytes, Buffer.from([text.length]), text, Buffer.alloc(1)]);
  return Buffer.concat([append(bytes, 'u', text.length), text, Buffer.alloc(1)]);
}

function padded(bytes: Buffer, boundary: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((boundary - (bytes.length % boundary)) % boundary)]);
}
