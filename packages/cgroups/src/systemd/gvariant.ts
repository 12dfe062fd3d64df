import {
  array,
  boolean,
  type DBusValue,
  double,
  type NumberType,
  number,
  objectPath,
  signature,
  string,
  struct,
} from './dbus/values.ts';

const keywords: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
};

const numberTypes: ReadonlySet<string> = new Set<NumberType>(['y', 'n', 'q', 'i', 'u', 'x', 't']);

function isNumberType(type: string): type is NumberType {
  return numberTypes.has(type);
}

/**
 * Reads a value in GVariant's text format: `uint64 5`, `'text'`, `true`, `['a', 'b']`, `(1, 'x')`,
 * `@as []`. A bare whole number is an `i`, as there.
 *
 * @throws SyntaxError for what is not one, and for dictionaries, variants and maybes, which no
 * property of a scope takes
 */
export function parseVariant(text: string): DBusValue {
  const parser = new Parser(text);
  const value = parser.value();
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(type?: string): DBusValue {
    if (this.#take(/@/y)) {
      const named = this.#take(/(?:a*[bynqiuxtdsog])/y);
      if (!named || (type !== undefined && named !== type)) this.#fail('a type');
      return this.value(named);
    }
    if (this.#take(/\[/y)) return this.#array(type);
    if (this.#take(/\(/y)) return struct(...this.#items(')', () => this.value()));
    const quoted = this.#take(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/y);
    if (quoted) return this.#string(quoted, type ?? 's');
    const literal = this.#take(/[-+]?\d[\w.+-]*/y);
    if (literal)
      return this.#number(
        literal,
        type ?? (/[.e]/.test(literal) && !/^0x/.test(literal) ? 'd' : 'i'),
      );
    const word = this.#take(/[a-z][a-z0-9]*/y);
    if (word === 'true' || word === 'false') {
      if ((type ?? 'b') !== 'b') this.#fail(`a value of type ${type}`);
      return boolean(word === 'true');
    }
    const keyword = word && keywords[word];
    if (!keyword || (type !== undefined && type !== keyword)) this.#fail('a value');
    return this.value(keyword);
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#fail('the end');
  }

  #array(type: string | undefined): DBusValue {
    const wanted = type?.startsWith('a') ? type.slice(1) : undefined;
    if (type !== undefined && wanted === undefined) this.#fail(`a value of type ${type}`);
    let item = wanted;
    const items = this.#items(']', () => {
      const value = this.value(item);
      item ??= value.signature;
      if (value.signature !== item) this.#fail(`a value of type ${item}`);
      return value;
    });
    if (item === undefined) this.#fail('a value, or a type such as @as before');
    return array(item, items);
  }

  #items(close: string, item: () => DBusValue): DBusValue[] {
    const closing = new RegExp(`\\${close}`, 'y');
    const items: DBusValue[] = [];
    while (!this.#take(closing)) {
      items.push(item());
      if (this.#take(/,/y)) continue;
      if (this.#take(closing)) break;
      this.#fail(`, or ${close}`);
    }
    return items;
  }

  #string(quoted: string, type: string): DBusValue {
    const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
    const value = quoted.slice(1, -1).replace(/\\(.)/gs, (_, letter) => escapes[letter] ?? letter);
    if (type === 's') return string(value);
    if (type === 'o') return objectPath(value);
    if (type === 'g') return signature(value);
    return this.#fail(`a value of type ${type}`);
  }

  #number(literal: string, type: string): DBusValue {
    if (type === 'd' && Number.isFinite(Number(literal))) return double(Number(literal));
    const digits = literal.replace(/^[-+]/, '');
    if (!isNumberType(type) || !/^(\d+|0x[0-9a-f]+)$/i.test(digits))
      return this.#fail(`a value of type ${type}`);
    const value = BigInt(digits);
    return number(type, literal.startsWith('-') ? -value : value);
  }

  #take(pattern: RegExp): string | undefined {
    this.#space();
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #fail(wanted: string): never {
    throw new SyntaxError(`expected ${wanted} at character ${this.#at + 1}`);
  }
}
