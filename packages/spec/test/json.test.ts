import { describe, expect, it } from 'vitest';
import { JsonSyntaxError, parseJson } from '../src/index.ts';
import { JsonReader } from '../src/json/reader.ts';

function read(text: string): unknown {
  return new JsonReader(text).read();
}

/** mulberry32: the same values in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pieces = ['a', '"', '\\', '\n', '\u0000', 'é', '😀', '\ud800', '/', '12345678901234567890'];

function randomValue(next: () => number, depth: number): unknown {
  const pick = Math.floor(next() * (depth > 4 ? 6 : 8));
  const size = Math.floor(next() * 5);
  const text = () =>
    Array.from({ length: size }, () => pieces[Math.floor(next() * pieces.length)]).join('');
  if (pick === 0) return null;
  if (pick === 1) return next() < 0.5;
  if (pick === 2) return Math.floor(next() * 2 ** 31) - 2 ** 30;
  if (pick === 3) return (next() - 0.5) * 10 ** Math.floor(next() * 12 - 6);
  if (pick < 6) return text();
  const items = Array.from({ length: size }, () => randomValue(next, depth + 1));
  if (pick === 6) return items;
  return Object.fromEntries(items.map((item) => [next() < 0.1 ? '__proto__' : text(), item]));
}

/** As JSON.parse would have it. Damage can join two numbers into a long one. */
function rounded(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item)]));
}

describe('JsonReader', () => {
  it('reads what JSON.parse reads', () => {
    const next = random(1);
    for (let i = 0; i < 2000; i++) {
      const text = JSON.stringify(randomValue(next, 0), null, i % 3);
      const value: unknown = JSON.parse(text);
      expect(read(text)).toStrictEqual(value);
      expect(parseJson(text)).toStrictEqual(value);
    }
  });

  it('turns down what JSON.parse turns down', () => {
    const next = random(2);
    let rejected = 0;
    for (let i = 0; i < 2000; i++) {
      const text = JSON.stringify(randomValue(next, 0));
      const at = Math.floor(next() * text.length);
      const junk = ',:]}"\\x0-e.\t'[Math.floor(next() * 12)] ?? '';
      const damaged = text.slice(0, at) + junk + text.slice(at + Math.floor(next() * 2));
      let value: unknown;
      try {
        value = JSON.parse(damaged);
      } catch {
        rejected += 1;
        expect(() => read(damaged), damaged).toThrow(JsonSyntaxError);
        expect(() => parseJson(damaged), damaged).toThrow(JsonSyntaxError);
        continue;
      }
      expect(rounded(read(damaged)), damaged).toStrictEqual(value);
    }
    expect(rejected).toBeGreaterThan(500);
  });

  it('keeps __proto__ an ordinary property', () => {
    const value = read('{"__proto__": {"polluted": 12345678901234567890}}');
    expect(Object.keys(Object(value))).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('says where a text ends too soon, and where it goes on', () => {
    expect(() => read('{\n  "a": [1,\n')).toThrow('line 3, column 1: expected a value');
    expect(() => read('{} {}')).toThrow('line 1, column 4: expected the end of the text');
    expect(() => read('["a')).toThrow(`line 1, column 4: expected '"'`);
    expect(() => read('[1 2]')).toThrow("line 1, column 4: expected ',' or ']'");
    expect(() => read('')).toThrow('line 1, column 1: expected a value');
    expect(() => read('01')).toThrow('line 1, column 2: expected the end of the text');
    expect(() => read('{"a":1,}')).toThrow('column 8: expected a property name');
  });

  it('does not run out of stack', () => {
    const deep = '['.repeat(1e6);
    expect(() => read(deep)).toThrow('column 1002: expected no more than 1000 levels');
    expect(() => parseJson(deep)).toThrow(JsonSyntaxError);
  });
});

describe('parseJson', () => {
  it.each([
    ['18446744073709551615', 18446744073709551615n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854771712', 9223372036854771712n],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['1234567890123456.5', 1234567890123456.5],
    ['1e20', 1e20],
    ['1234567890123456e3', 1234567890123456e3],
  ])('reads %s', (text, value) => {
    for (const around of [
      ['', ''],
      ['[', ']'],
      ['[1,', ']'],
      [' \n', ' '],
    ] as const) {
      expect([parseJson(around[0] + text + around[1])].flat().at(-1)).toBe(value);
    }
    expect(parseJson(`{"a":${text}}`)).toEqual({ a: value });
    expect(parseJson(`{"a" :\n ${text} }`)).toEqual({ a: value });
  });

  it('leaves digits in strings alone', () => {
    const value = ['a:12345678901234567890', '12345678901234567890'];
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });
});
