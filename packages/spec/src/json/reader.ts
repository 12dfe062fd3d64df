import { JsonSyntaxError } from './syntax-error.ts';

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that JSON forbids in strings.
const plain = /[^"\\\u0000-\u001f]*/y;

/** Far deeper than any configuration, far shallower than the stack. */
const maxDepth = 1000;

/**
 * Reads JSON as JSON.parse does, with two differences: integers beyond 2^53 become bigints, and
 * a syntax error says at which line and column. Slower than JSON.parse, so only its fallback.
 */
export class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value(0);
    if (this.#at < this.#text.length) this.#fail('the end of the text');
    return value;
  }

  /** One value, with the white space on both sides of it. */
  #value(depth: number): unknown {
    if (depth > maxDepth) this.#fail(`no more than ${maxDepth} levels`);
    this.#match(space);
    const value = this.#bare(depth);
    this.#match(space);
    return value;
  }

  #bare(depth: number): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at += 1;
    this.#match(space);
    if (this.#skip('}')) return object;
    do {
      this.#match(space);
      if (this.#text[this.#at] !== '"') this.#fail('a property name in double quotes');
      const key = this.#string();
      this.#match(space);
      if (!this.#skip(':')) this.#fail("':'");
      const value = this.#value(depth + 1);
      if (key === '__proto__') {
        // Assigned, it would become the prototype instead of a property.
        Object.defineProperty(object, key, {
          value,
          configurable: true,
          enumerable: true,
          writable: true,
        });
      } else {
        object[key] = value;
      }
    } while (this.#skip(','));
    if (!this.#skip('}')) this.#fail("',' or '}'");
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at += 1;
    this.#match(space);
    if (this.#skip(']')) return array;
    do array.push(this.#value(depth + 1));
    while (this.#skip(','));
    if (!this.#skip(']')) this.#fail("',' or ']'");
    return array;
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    let escaped = false;
    for (;;) {
      this.#match(plain);
      if (this.#skip('"')) break;
      if (this.#text[this.#at] !== '\\') {
        this.#fail(this.#at < this.#text.length ? 'no control character in a string' : "'\"'");
      }
      if (this.#match(escapeSequence) === undefined) this.#fail('a known escape sequence');
      escaped = true;
    }
    if (!escaped) return this.#text.slice(start + 1, this.#at - 1);
    const value: unknown = JSON.parse(this.#text.slice(start, this.#at));
    return String(value);
  }

  #number(): number | bigint {
    const match = this.#match(number);
    if (match === undefined) return this.#fail('a value');
    const value = Number(match[0]);
    const whole = match[1] === undefined && match[2] === undefined;
    return whole && !Number.isSafeInteger(value) ? BigInt(match[0]) : value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail(word);
    this.#at += word.length;
    return value;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #fail(expected: string): never {
    throw new JsonSyntaxError(this.#text, this.#at, expected);
  }
}
