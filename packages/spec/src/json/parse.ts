import { JsonReader } from './reader.ts';

/** An integer literal that may not fit a double. It may match inside a string, which only costs time. */
const longInteger = /[:,[\s]-?\d{16}|^-?\d{16}/;

/**
 * JSON.parse, except that integers beyond 2^53 come as bigints, so that 64-bit limits survive.
 *
 * @throws JsonSyntaxError with line and column.
 */
export function parseJson(text: string): unknown {
  if (!longInteger.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // What JSON.parse says depends on the Node release, and seldom tells the line.
    }
  }
  return new JsonReader(text).read();
}
