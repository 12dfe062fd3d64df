import {
  type Argument,
  Cell,
  Memory,
  Parameter,
  Struct,
  Template,
  type Text,
  Vector,
} from '@oci/kernel';
import type { Address, Operand } from '../instructions.ts';
import { Region } from '../recorder.ts';
import type { Emitter } from './emitter.ts';
import type { Writer } from './writer.ts';

/** Room for a parameter in a template: PATH_MAX. */
const PARAMETER_BYTES = 4096;
/** Digits of 2^64. */
const DECIMAL_BYTES = 20;

/**
 * Turns what stage code passes to a system call into operands: constants are laid out, texts with
 * holes and structs with cells in them are filled just before the call.
 */
export class Arguments {
  readonly #emit: Emitter;
  readonly #writer: Writer;
  readonly #regions = new Map<Memory, Address>();
  readonly #parameters = new Map<Parameter, Cell>();
  /** Templates are only needed during their call, so all calls share these bytes. */
  readonly #scratch: Address[] = [];
  #scratchUsed = 0;

  constructor(emit: Emitter, writer: Writer, parameters: readonly Parameter[]) {
    this.#emit = emit;
    this.#writer = writer;
    for (const parameter of parameters) this.#parameters.set(parameter, emit.cell(parameter.name));
  }

  /** Operands for one call. */
  operands(args: readonly Argument[]): Operand[] {
    this.#scratchUsed = 0;
    return args.map((argument) => this.operand(argument));
  }

  operand(argument: Argument): Operand {
    if (argument === null) return 0;
    if (typeof argument === 'number' || typeof argument === 'bigint') return argument;
    if (argument instanceof Cell) return argument;
    if (argument instanceof Memory) return this.region(argument);
    if (argument instanceof Struct) return this.#struct(argument);
    if (argument instanceof Vector) return this.#vector(argument);
    if (argument instanceof Uint8Array) return this.#emit.shared(argument);
    return this.text(argument);
  }

  /** The cell that holds a parameter's address, zero when it was not given. */
  parameter(parameter: Parameter): Cell {
    const cell = this.#parameters.get(parameter);
    if (!cell) throw new TypeError(`the program has no parameter ${parameter.name}`);
    return cell;
  }

  region(memory: Memory): Address {
    let address = this.#regions.get(memory);
    if (!address) {
      if (!(memory instanceof Region))
        throw new TypeError(`memory ${memory.name} belongs to another kernel`);
      // A byte more than the kernel is told of ends a text that fills it.
      address = this.#emit.zeroed(memory.size + 1);
      this.#regions.set(memory, address);
    }
    return address;
  }

  /** The address of a text. */
  text(text: Text): Operand {
    if (typeof text === 'string') return this.#emit.string(text);
    if (text instanceof Parameter) return this.parameter(text);
    const address = this.#allocate(templateBytes(text));
    this.#writer.start(address);
    this.append(text);
    this.#writer.end();
    return address;
  }

  /** Appends a text at the writer's cursor. */
  append(text: Text): void {
    const parts = text instanceof Template ? text.parts : [text];
    for (const part of parts) {
      if (typeof part === 'string') this.#writer.constant(part);
      else if (part instanceof Cell) this.#writer.decimal(part);
      else if (part instanceof Parameter) this.#writer.string(this.parameter(part));
      else this.#writer.string(this.region(part));
    }
  }

  /** Formats a text for a call that takes a length, and says where it starts. */
  formatted(text: Text): Address {
    this.#scratchUsed = 0;
    const address = this.#allocate(
      text instanceof Template ? templateBytes(text) : PARAMETER_BYTES,
    );
    this.#writer.start(address);
    this.append(text);
    return address;
  }

  #allocate(bytes: number): Address {
    // One region per position: the n-th template of any call goes to the n-th.
    const size = Math.max(bytes, PARAMETER_BYTES);
    const position = this.#scratchUsed++;
    const known = this.#scratch[position];
    if (known && size === PARAMETER_BYTES) return known;
    const address = this.#emit.zeroed(size);
    if (size === PARAMETER_BYTES) this.#scratch[position] = address;
    return address;
  }

  #struct(struct: Struct): Operand {
    const bytes = new Uint8Array(struct.size);
    const view = new DataView(bytes.buffer);
    const later: { offset: number; width: 1 | 2 | 4 | 8; value: Operand }[] = [];
    const pointers: { offset: number; to: Address }[] = [];
    for (const { offset, width, value } of struct.fields) {
      const operand = this.operand(value);
      // What the kernel may have written over is set anew for each call.
      if (operand instanceof Cell || (struct.written && typeof operand !== 'object'))
        later.push({ offset, width, value: operand });
      else if (typeof operand === 'object') pointers.push({ offset, to: operand });
      else setUnsigned(view, offset, width, operand);
    }
    if (later.length === 0 && pointers.length === 0) return this.#emit.shared(bytes);
    const address = later.length ? this.#emit.initialised(bytes) : this.#emit.constant(bytes);
    for (const { offset, to } of pointers) this.#emit.reference(address, offset, to);
    for (const { offset, width, value } of later) this.#emit.store(value, address, offset, width);
    return address;
  }

  #vector(vector: Vector): Operand {
    return this.#struct(
      new Struct(
        'vector',
        (vector.items.length + 1) * 8,
        vector.items.map((value, index) => ({
          name: `[${index}]`,
          offset: index * 8,
          width: 8,
          value,
        })),
      ),
    );
  }
}

function setUnsigned(
  view: DataView,
  offset: number,
  width: 1 | 2 | 4 | 8,
  value: number | bigint,
): void {
  if (width === 8) view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
  else if (width === 4) view.setUint32(offset, Number(value), true);
  else if (width === 2) view.setUint16(offset, Number(value), true);
  else view.setUint8(offset, Number(value));
}

/** The most bytes that a template can take, with its NUL and the writer's slack. */
function templateBytes(template: Template): number {
  return template.parts.reduce((bytes, part) => {
    if (typeof part === 'string') return bytes + Buffer.byteLength(part);
    if (part instanceof Cell) return bytes + DECIMAL_BYTES;
    if (part instanceof Parameter) return bytes + (part.options.longest ?? PARAMETER_BYTES);
    return bytes + part.size;
  }, 16);
}
