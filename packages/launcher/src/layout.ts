import type { Cell } from '@oci/kernel';
import { headersSize } from './elf.ts';
import type { Address, Assembly } from './instructions.ts';

/** Where a run of bytes lies, in the file and in memory. */
export interface Span {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** What sections and the text are aligned to: enough for every kernel structure and for a stack. */
const alignment = 16;
/** The largest page size that either architecture has, so that one layout suits all kernels. */
const segmentAlignment = 0x1_0000;
/** Where GNU ld, too, places static executables; all of a typical launcher lies in one page table. */
const lowestAddress = 0x40_0000;
/** x86-64 sign-extends 32-bit displacements and immediates: addresses stay below this. */
const highestAddress = 0x8000_0000;
/** More than any instruction takes; it bounds the text before it is encoded. */
const longestInstruction = 128;

const align = (value: number, to: number): number => Math.ceil(value / to) * to;

/**
 * Decides where everything lies, before any code is encoded.
 *
 * File: headers, data, constants, text. Memory: constants (R), text (RX), data, cells and zeroed
 * bytes (RW). Segments overlap in the file's pages: each one's address is its own base plus its file
 * offset. Data comes first in the file, so that it mostly shares one page with the first cells.
 */
export class Layout {
  readonly cells: Omit<Span, 'offset'>;
  /** Where the cells are that are used most, counted from the first one. */
  readonly nearCells: number;
  readonly data: Span;
  readonly constants: Span;
  /** `size` is the room that was set aside; the text is smaller. */
  readonly text: Span;
  readonly zeroed: Omit<Span, 'offset'>;

  constructor(assembly: Assembly) {
    const { constants, data, zeroed, instructions, cells, nearCell = 0 } = assembly;
    this.nearCells = nearCell * 8;
    const dataOffset = headersSize;
    // A segment that is empty in the file would be a special case to every loader.
    const dataRoom = align(Math.max(data.length, 1), alignment);
    const constantsOffset = dataOffset + dataRoom;
    const textOffset = align(constantsOffset + constants.length, alignment);

    // A base is a multiple of the largest page, so addresses agree with offsets modulo any page.
    const textBase = align(lowestAddress + textOffset, segmentAlignment);
    const textRoom = instructions.length * longestInstruction;
    const writableBase = align(textBase + textOffset + textRoom, segmentAlignment);

    const span = (base: number, offset: number, size: number): Span => ({
      offset,
      address: base + offset,
      size,
    });
    this.constants = span(lowestAddress, constantsOffset, constants.length);
    this.text = span(textBase, textOffset, textRoom);
    this.data = span(writableBase, dataOffset, data.length);
    this.cells = { address: this.data.address + dataRoom, size: cells * 8 };
    this.zeroed = { address: align(this.cells.address + cells * 8, alignment), size: zeroed };
    if (this.zeroed.address + zeroed > highestAddress) {
      throw new RangeError('The launcher does not fit below 2 GiB');
    }
  }

  /** Where a cell is, counted from the first one. */
  cellOffset({ index, name }: Cell): number {
    if (index >>> 0 !== index || index * 8 >= this.cells.size) {
      throw new RangeError(`Cell ${index} (${name}) is beyond the assembly's cells`);
    }
    return index * 8;
  }

  /** The address of a place in a section, or of one beyond it; the section's end counts as one. */
  address({ section, offset }: Address, beyond = 0): number {
    const at = offset + beyond;
    const { address, size } = this[section];
    const end = section === 'data' ? size + this.zeroed.size : size;
    if (!Number.isInteger(at) || at < 0 || at > end) {
      throw new RangeError(`Offset ${at} is outside the ${section}, which end at ${end}`);
    }
    const isZeroed = section === 'data' && at >= size;
    return isZeroed ? this.zeroed.address + at - size : address + at;
  }
}
