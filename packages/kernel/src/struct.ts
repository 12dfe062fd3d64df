import type { Memory } from './memory.ts';
import type { Text } from './text.ts';
import type { Value } from './values.ts';

/** What a system call takes in a register: a word, or the address of something. */
export type Argument = Value | Text | Uint8Array | Struct | Vector | Memory | null;

/** One member of a C struct. Anything but a value is stored as its address. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly value: Argument;
  /** Names the flag set that the printer spells the value with. */
  readonly flags?: string;
}

/** A C struct that the kernel reads, little-endian; bytes without a field are zero. */
export class Struct {
  readonly name: string;
  readonly size: number;
  readonly fields: readonly Field[];
  /** The kernel writes to it, too: its numbers are set anew for each call. */
  readonly written: boolean;
  constructor(name: string, size: number, fields: readonly Field[], { written = false } = {}) {
    this.name = name;
    this.size = size;
    this.fields = fields;
    this.written = written;
  }
}

/** A NULL-terminated array of strings, as `execve` takes them. */
export class Vector {
  readonly items: readonly Text[];
  constructor(items: readonly Text[]) {
    this.items = items;
  }
}
