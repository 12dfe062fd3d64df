import type { Cell, SyscallName } from '@oci/kernel';

/** A place in the launcher's memory, known once the program is laid out. */
export interface Address {
  readonly section: 'constants' | 'data';
  readonly offset: number;
}

/** What an instruction reads: a constant, a cell's value, or an address. */
export type Operand = number | bigint | Cell | Address;

/** Arithmetic is unsigned, on 64-bit words, and wraps. Shift counts are taken modulo 64. */
export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'and' | 'or' | 'shl' | 'shr';

/** `lt`, `le`, `gt`, `ge` compare signed, `below` and `aboveOrEqual` unsigned. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'below' | 'aboveOrEqual';

/** A point in the instruction list. Unique by identity; the name is for people. */
export interface Label {
  readonly name: string;
}

/**
 * The portable assembler that programs are lowered to. Every instruction reads its operands from
 * constants or cells and leaves its result in a cell, so that a back end is one short table.
 */
export type Instruction =
  /** Result: what the kernel returned, `-errno` on failure. */
  | {
      readonly op: 'syscall';
      readonly call: SyscallName;
      readonly args: readonly Operand[];
      readonly result: Cell;
    }
  | { readonly op: 'move'; readonly to: Cell; readonly from: Operand }
  | {
      readonly op: Arithmetic;
      readonly to: Cell;
      readonly left: Operand;
      readonly right: Operand;
    }
  /** Reads `width` bytes at base + offset, zero-extended. `offset` is a small constant. */
  | {
      readonly op: 'load';
      readonly to: Cell;
      readonly base: Operand;
      readonly offset: number;
      readonly width: 1 | 2 | 4 | 8;
    }
  /** Writes the low `width` bytes of `value` at base + offset. */
  | {
      readonly op: 'store';
      readonly value: Operand;
      readonly base: Operand;
      readonly offset: number;
      readonly width: 1 | 2 | 4 | 8;
    }
  | { readonly op: 'label'; readonly label: Label }
  | { readonly op: 'jump'; readonly label: Label }
  | {
      readonly op: 'branch';
      readonly comparison: Comparison;
      readonly left: Operand;
      readonly right: Operand;
      readonly label: Label;
    }
  /** Calls a subroutine: the instructions from `label` to a `return`. Calls may nest. */
  | { readonly op: 'call'; readonly label: Label }
  | { readonly op: 'return' }
  /** The stack pointer as the kernel handed it over: argc, argv…, NULL, envp…, NULL. */
  | { readonly op: 'entry'; readonly to: Cell };

/** A pointer inside constants or data that is filled in when the program is laid out. */
export interface Reference {
  readonly at: Address;
  readonly to: Address;
}

/** Everything that a back end and the ELF writer need. */
export interface Assembly {
  readonly instructions: readonly Instruction[];
  /** Cells 0 to cells - 1, zero at the start. */
  readonly cells: number;
  /** The first of the cells that are used most, which a back end may have shorter instructions for. */
  readonly nearCell?: number;
  /** Read-only bytes. */
  readonly constants: Uint8Array;
  /** Writable bytes that start with these values… */
  readonly data: Uint8Array;
  /** …and writable zeroed bytes that follow them (addressed as data, beyond data.length). */
  readonly zeroed: number;
  readonly references: readonly Reference[];
}
