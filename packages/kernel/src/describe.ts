import type { Architecture } from './calls/invoker.ts';
import { openFlags } from './calls/open-flags.ts';
import { describeFlags } from './flags.ts';
import { AT_FDCWD } from './generated/constants.ts';
import type { SyscallName } from './generated/syscalls.ts';
import { Memory } from './memory.ts';
import { fieldKinds, type Signature, signatures, variants } from './signatures.ts';
import { type Argument, type Field, Struct, Vector } from './struct.ts';
import { Parameter, Template, type Text } from './text.ts';
import { Cell } from './values.ts';

/** Writes what is known only when a program runs. */
export type DescribeValue = (value: Cell | Parameter | Memory) => string;

/** One call as a readable line. */
class Describer {
  readonly #value: DescribeValue;
  readonly #architecture: Architecture;
  constructor(value: DescribeValue, architecture: Architecture) {
    this.#value = value;
    this.#architecture = architecture;
  }

  argument(argument: Argument, kind: string | undefined): string {
    if (argument === null) return 'NULL';
    if (typeof argument === 'number' || typeof argument === 'bigint')
      return this.#word(argument, kind);
    if (
      typeof argument === 'string' ||
      argument instanceof Template ||
      argument instanceof Parameter
    )
      return this.#text(argument);
    if (argument instanceof Cell || argument instanceof Memory) return this.#value(argument);
    if (argument instanceof Vector)
      return `[${argument.items.map((item) => this.#text(item)).join(', ')}]`;
    if (argument instanceof Struct) return this.#struct(argument);
    return `<${argument.byteLength} bytes>`;
  }

  #word(value: number | bigint, kind: string | undefined): string {
    switch (kind) {
      case undefined:
        break;
      case 'dirfd':
        return Number(value) === AT_FDCWD ? 'AT_FDCWD' : String(value);
      case 'octal':
        return BigInt(value) === 0n ? '0' : `0${value.toString(8)}`;
      case 'hex':
        return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
      case 'device':
        return this.#device(BigInt(value));
      case 'O':
        // The bits are the architecture's; openFlags swaps pairs of them, so it is its own inverse.
        return describeFlags('O', openFlags(Number(value), this.#architecture));
      default:
        return describeFlags(kind, value);
    }
    // All ones, or nearly: a limit or a mask, and unreadable in decimal.
    return value >= 0xf0000000 ? `0x${value.toString(16)}` : String(value);
  }

  /** The inverse of `makedev`. */
  #device(device: bigint): string {
    if (device === 0n) return '0';
    const major = (device >> 8n) & 0xfffn;
    const minor = (device & 0xffn) | ((device >> 12n) & 0xfff00n);
    return `makedev(${major}, ${minor})`;
  }

  #text(text: Text): string {
    if (text instanceof Parameter) return `"\${${this.#value(text)}}"`;
    const parts = typeof text === 'string' ? [text] : text.parts;
    const quoted = parts.map((part) =>
      typeof part === 'string' ? JSON.stringify(part).slice(1, -1) : `\${${this.#value(part)}}`,
    );
    return `"${quoted.join('')}"`;
  }

  #struct(struct: Struct): string {
    const isZero = ({ value }: Field) => value === 0 || value === 0n || value === null;
    // In an array, zero is an element like any other.
    if (struct.name.endsWith('[]'))
      return `[${struct.fields.map(({ value }) => this.argument(value, undefined)).join(', ')}]`;
    const written = struct.fields
      .filter((field) => !isZero(field))
      .map(({ name, value, flags }) => {
        const kind = flags ?? fieldKinds.get(`${struct.name}.${name}`);
        return `${name}=${this.argument(value, kind)}`;
      });
    return `{${written.join(', ')}}`;
  }
}

function signatureOf(call: SyscallName, args: readonly Argument[]): Signature {
  const variant = variants[call]?.find(({ place, value }) => args[place] === value);
  return variant?.signature ?? signatures[call] ?? [];
}

/**
 * One system call as a readable line: `openat2(3, "proc", {flags=O_PATH|O_CLOEXEC}, 24)`.
 *
 * Flags are spelled by name, `AT_FDCWD` too; zero fields of structs are left out, and so are zeros
 * that a call's signature has no name for.
 *
 * @param describeValue writes cells, parameters and memory, also inside `"${…}"`; by default their
 * names.
 * @param architecture whose encoding the open flags have.
 */
export function describeCall(
  call: SyscallName,
  args: readonly Argument[],
  describeValue: DescribeValue = ({ name }) => name,
  architecture: Architecture = 'x86_64',
): string {
  const describer = new Describer(describeValue, architecture);
  const signature = signatureOf(call, args);
  const known = signature.length > 0;
  const written = args.flatMap((argument, index) => {
    const spec = signature[index];
    if (spec === undefined) {
      const nothing = argument === 0 || argument === null;
      return known && nothing ? [] : [describer.argument(argument, undefined)];
    }
    const [name = '', kind] = spec.split(':');
    return [describer.argument(argument, kind ?? (name.endsWith('dirfd') ? 'dirfd' : undefined))];
  });
  return `${call}(${written.join(', ')})`;
}
