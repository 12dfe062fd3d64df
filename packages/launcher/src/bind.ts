import {
  type Argument,
  Cell,
  type Input,
  Memory,
  Parameter,
  Struct,
  Template,
  type Text,
  text,
  type Value,
  Vector,
} from '@oci/kernel';
import type { RoutineProgram } from './program.ts';

/** What is in the place of a routine's inputs where it runs. */
export class Given {
  readonly #values = new Map<Cell, Value>();
  readonly #texts = new Map<Parameter, Text>();

  constructor(places: RoutineProgram['inputs'] = [], inputs: readonly Input[] = []) {
    for (const [index, place] of places.entries()) {
      const input = inputs[index] ?? 0;
      if (place instanceof Cell && !isText(input)) this.#values.set(place, input);
      else if (place instanceof Parameter && isText(input)) this.#texts.set(place, input);
    }
  }

  input(input: Input): Input {
    return isText(input) ? this.text(input) : this.value(input);
  }

  value(value: Value): Value {
    return value instanceof Cell ? (this.#values.get(value) ?? value) : value;
  }

  text(whole: Text): Text {
    if (whole instanceof Parameter) return this.#texts.get(whole) ?? whole;
    if (typeof whole === 'string') return whole;
    const parts = whole.parts.map((part) => (part instanceof Memory ? part : this.input(part)));
    return parts.reduce<Text>((joined, part) => text`${joined}${part}`, '');
  }

  argument(argument: Argument): Argument {
    if (argument === null || argument instanceof Memory || argument instanceof Uint8Array)
      return argument;
    if (argument instanceof Vector)
      return new Vector(argument.items.map((item) => this.text(item)));
    if (argument instanceof Struct) {
      const fields = argument.fields.map((field) => ({
        ...field,
        value: this.argument(field.value),
      }));
      return new Struct(argument.name, argument.size, fields);
    }
    return this.input(argument);
  }
}

/** Tells texts from values. */
export function isText(input: Input): input is Text {
  return typeof input === 'string' || input instanceof Parameter || input instanceof Template;
}
