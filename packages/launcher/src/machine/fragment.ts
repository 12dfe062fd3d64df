import type { Label } from '../instructions.ts';

/** One way to encode something that depends on how far away its target is. */
export interface Form {
  readonly size: number;
  /** Distances are counted from the first byte of the form. */
  spans(distance: number): boolean;
  /** Returns `size` bytes. */
  encode(distance: number): readonly number[];
}

/** Code that reaches for a label or an address, in the first of its forms that spans the distance. */
export interface Reach {
  readonly target: Label | number;
  /** From the shortest to the longest. */
  readonly forms: readonly Form[];
}

/** A piece of machine code: bytes as they are, bytes that reach elsewhere, or a label's place. */
export type Fragment = readonly number[] | Reach | { readonly label: Label };

export interface Linked {
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<Label, number>;
}

/** A reach, and the form chosen for it so far. */
interface Chosen extends Reach {
  form: Form;
  next: number;
}

/** The low bytes of a value, least significant first. */
export function littleEndian(value: bigint, count: number): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < count; at++) bytes.push(Number((value >> BigInt(8 * at)) & 0xffn));
  return bytes;
}

/** Whether a value fits a signed field of that many bits. */
export function fitsSigned(value: number, bits: number): boolean {
  return value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);
}

/**
 * Places fragments one after the other. Every reach starts in its shortest form and only ever
 * grows, so this ends.
 */
export function link(fragments: readonly Fragment[], start: number): Linked {
  const pieces = fragments.map((fragment) => ('forms' in fragment ? choose(fragment) : fragment));
  const labels = new Map<Label, number>();

  for (let grown = true; grown; ) {
    const end = placeLabels(pieces, start, labels);
    grown = false;
    let address = start;
    for (const piece of pieces) {
      if ('forms' in piece) {
        const before = piece.form;
        grow(piece, distance(piece, address, labels));
        grown ||= piece.form !== before;
        // Distances of this pass count from where things were placed.
        address += before.size;
      } else if (!('label' in piece)) {
        address += piece.length;
      }
    }
    if (!grown) return { bytes: write(pieces, start, end, labels), labels };
  }
  throw new Error('unreachable');
}

function choose(reach: Reach): Chosen {
  const form = reach.forms[0];
  if (!form) throw new Error('A reach needs a form');
  return { ...reach, form, next: 1 };
}

function grow(piece: Chosen, distance: number): void {
  while (!piece.form.spans(distance)) {
    const longer = piece.forms[piece.next++];
    if (!longer) throw new RangeError(`No jump spans ${distance} bytes: the launcher is too large`);
    piece.form = longer;
  }
}

type Piece = readonly number[] | Chosen | { readonly label: Label };

function placeLabels(pieces: readonly Piece[], start: number, labels: Map<Label, number>): number {
  labels.clear();
  let address = start;
  for (const piece of pieces) {
    if ('forms' in piece) {
      address += piece.form.size;
    } else if ('label' in piece) {
      if (labels.has(piece.label)) throw new Error(`Label ${piece.label.name} is placed twice`);
      labels.set(piece.label, address);
    } else {
      address += piece.length;
    }
  }
  return address;
}

function distance(reach: Reach, from: number, labels: ReadonlyMap<Label, number>): number {
  const { target } = reach;
  const to = typeof target === 'number' ? target : labels.get(target);
  if (to === undefined) {
    throw new Error(`Label ${typeof target === 'object' ? target.name : target} is not placed`);
  }
  return to - from;
}

function write(
  pieces: readonly Piece[],
  start: number,
  end: number,
  labels: ReadonlyMap<Label, number>,
): Uint8Array {
  const bytes = new Uint8Array(end - start);
  let at = 0;
  for (const piece of pieces) {
    if ('label' in piece) continue;
    const code = 'forms' in piece ? piece.form.encode(distance(piece, start + at, labels)) : piece;
    bytes.set(code, at);
    at += code.length;
  }
  return bytes;
}
