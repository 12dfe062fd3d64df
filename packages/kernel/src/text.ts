import { Memory } from './memory.ts';
import { Cell } from './values.ts';

export interface ParameterOptions {
  /** What the parameter holds when it is not given. */
  readonly fallback?: string;
  /** It stands by itself on the command line and must be given; others are `--name value`. */
  readonly positional?: boolean;
  /** The only characters that it may have; all but NUL when absent. `.` and `..` are then refused. */
  readonly characters?: string;
  /** It cannot be given to this launcher: why, for whoever does. */
  readonly refusal?: string;
  /** The longest that it may be, in bytes; 4095 (PATH_MAX without its NUL) when absent. */
  readonly longest?: number;
}

/** A string that is given when a launcher is started, such as the container's id. */
export class Parameter {
  readonly name: string;
  readonly options: ParameterOptions;
  constructor(name: string, options: ParameterOptions = {}) {
    this.name = name;
    this.options = options;
  }
}

/**
 * A hole of a template: a cell is written in decimal, a parameter as it was given, memory up to
 * its first NUL.
 */
export type Hole = Cell | Parameter | Memory;

/** Bytes with holes that are filled at run time. Made by {@link text}. */
export class Template {
  readonly parts: readonly (string | Hole)[];
  constructor(parts: readonly (string | Hole)[]) {
    this.parts = parts;
  }
}

/** A string for the kernel: known now, or filled when the program runs. */
export type Text = string | Template | Parameter;

/**
 * Builds a text: `` text`/proc/self/fd/${fd}` ``. Without holes it is a plain string, so stage
 * code reads the same live and recorded.
 */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly (Text | number | bigint | Hole)[]
): Text {
  const parts: (string | Hole)[] = [];
  const append = (part: string | Hole) => {
    const last = parts.length - 1;
    const before = parts[last];
    if (typeof part === 'string' && typeof before === 'string') parts[last] = before + part;
    else if (part !== '') parts.push(part);
  };
  strings.forEach((string, index) => {
    append(string);
    const value = values[index];
    if (value === undefined) return;
    if (value instanceof Template) value.parts.forEach(append);
    else if (value instanceof Cell || value instanceof Parameter || value instanceof Memory)
      append(value);
    else append(String(value));
  });
  if (parts.length === 0) return '';
  const [only] = parts;
  return parts.length === 1 && typeof only === 'string' ? only : new Template(parts);
}

/** Joins texts as {@link text} would. */
export function joinText(texts: readonly Text[], separator = ''): Text {
  return texts.reduce<Text>(
    (joined, next, index) => (index === 0 ? text`${next}` : text`${joined}${separator}${next}`),
    '',
  );
}
