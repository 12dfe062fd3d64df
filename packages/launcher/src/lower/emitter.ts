import { Cell, type SyscallName } from '@oci/kernel';
import type {
  Address,
  Arithmetic,
  Assembly,
  Comparison,
  Instruction,
  Label,
  Operand,
  Reference,
} from '../instructions.ts';
import { Bytes } from './bytes.ts';

/** Collects instructions, and the constants and data that they refer to. */
export class Emitter {
  readonly #instructions: Instruction[] = [];
  readonly #references: Reference[] = [];
  readonly #strings = new Map<string, Address>();
  readonly #shared = new Map<string, Address>();
  readonly #constants = new Bytes();
  readonly #data = new Bytes();
  /** Addresses in zeroed data, which come after the initialised ones once those are complete. */
  readonly #zeroed: { section: 'data'; offset: number }[] = [];
  #zeroedSize = 0;
  readonly #nearCell: number;
  #cells: number;

  /** @param cells how many there are already; the next ones are those that are used most */
  constructor(cells: number) {
    this.#nearCell = cells;
    this.#cells = cells;
  }

  finish(): Assembly {
    this.#data.align();
    for (const address of this.#zeroed) address.offset += this.#data.length;
    this.#zeroed.length = 0;
    return {
      instructions: this.#instructions,
      cells: this.#cells,
      nearCell: this.#nearCell,
      constants: this.#constants.taken(),
      data: this.#data.taken(),
      zeroed: this.#zeroedSize,
      references: this.#references,
    };
  }

  cell(name: string): Cell {
    return new Cell(this.#cells++, name);
  }

  /** A NUL-terminated string among the constants; equal strings are laid out once. */
  string(value: string): Address {
    const known = this.#strings.get(value);
    if (known) return known;
    const address: Address = { section: 'constants', offset: this.#constants.length };
    this.#constants.string(value);
    this.#strings.set(value, address);
    return address;
  }

  /** Constant bytes, aligned for structs. */
  constant(bytes: Uint8Array): Address {
    return { section: 'constants', offset: this.#constants.aligned(bytes) };
  }

  /** Constant bytes that no reference is put into; equal ones are laid out once. */
  shared(bytes: Uint8Array): Address {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const known = this.#shared.get(key);
    if (known) return known;
    const address = this.constant(bytes);
    this.#shared.set(key, address);
    return address;
  }

  /** Writable bytes with these values at the start. */
  initialised(bytes: Uint8Array): Address {
    return { section: 'data', offset: this.#data.aligned(bytes) };
  }

  /** Writable bytes, zero at the start. Costs nothing until touched. */
  zeroed(size: number): Address {
    const address = { section: 'data' as const, offset: this.#zeroedSize };
    this.#zeroed.push(address);
    this.#zeroedSize += (size + 7) & ~7;
    return address;
  }

  /** Makes the eight bytes at `base` + `offset` hold the address `to`. */
  reference(base: Address, offset: number, to: Address): void {
    // The target may still move (zeroed data), so it is kept by identity.
    this.#references.push({ at: { section: base.section, offset: base.offset + offset }, to });
  }

  label(name: string): Label {
    return { name };
  }

  place(label: Label): void {
    this.#instructions.push({ op: 'label', label });
  }

  entry(to: Cell): void {
    this.#instructions.push({ op: 'entry', to });
  }

  syscall(call: SyscallName, args: readonly Operand[], result: Cell): void {
    this.#instructions.push({ op: 'syscall', call, args, result });
  }

  move(to: Cell, from: Operand): void {
    this.#instructions.push({ op: 'move', to, from });
  }

  compute(op: Arithmetic, to: Cell, left: Operand, right: Operand): void {
    this.#instructions.push({ op, to, left, right });
  }

  add(to: Cell, amount: Operand): void {
    this.compute('add', to, to, amount);
  }

  load(to: Cell, base: Operand, offset: number, width: 1 | 2 | 4 | 8): void {
    this.#instructions.push({ op: 'load', to, base, offset, width });
  }

  store(value: Operand, base: Operand, offset: number, width: 1 | 2 | 4 | 8): void {
    this.#instructions.push({ op: 'store', value, base, offset, width });
  }

  jump(label: Label): void {
    this.#instructions.push({ op: 'jump', label });
  }

  branch(left: Operand, comparison: Comparison, right: Operand, label: Label): void {
    this.#instructions.push({ op: 'branch', comparison, left, right, label });
  }

  call(label: Label): void {
    this.#instructions.push({ op: 'call', label });
  }

  return(): void {
    this.#instructions.push({ op: 'return' });
  }
}
