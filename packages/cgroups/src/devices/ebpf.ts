/**
 * A small assembler for eBPF (Documentation/bpf/standardization/instruction-set.rst): instructions
 * are plain values, jumps go to labels, and {@link encode} lays them out as the kernel reads them.
 */

/** r0 is the result, r1 the context at the start. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export type Label = string;

/** When a jump is taken: register and number equal, not equal, or with a bit in common. */
export type Relation = '==' | '!=' | '&';

export type Instruction =
  /** Loads an unsigned number of two or four bytes. */
  | {
      readonly op: 'load';
      readonly to: Register;
      readonly width: 2 | 4;
      readonly from: Register;
      readonly offset: number;
    }
  | { readonly op: 'move'; readonly to: Register; readonly value: number }
  | { readonly op: 'and'; readonly to: Register; readonly value: number }
  | {
      readonly op: 'jump';
      readonly when: Relation;
      readonly left: Register;
      readonly right: number;
      readonly target: Label;
    }
  | { readonly op: 'exit' }
  /** Takes no room: a place that jumps go to. */
  | { readonly op: 'label'; readonly name: Label };

export const load = (to: Register, width: 2 | 4, from: Register, offset: number): Instruction => ({
  op: 'load',
  to,
  width,
  from,
  offset,
});
export const move = (to: Register, value: number): Instruction => ({ op: 'move', to, value });
export const and = (to: Register, value: number): Instruction => ({ op: 'and', to, value });
export const jump = (
  left: Register,
  when: Relation,
  right: number,
  target: Label,
): Instruction => ({ op: 'jump', left, when, right, target });
export const exit: Instruction = { op: 'exit' };
export const label = (name: Label): Instruction => ({ op: 'label', name });

/** `struct bpf_insn` (linux/bpf.h): code u8, registers u8 (destination low), offset s16, number s32. */
export const INSTRUCTION_BYTES = 8;

/** Operations as `BPF_class | BPF_operation | BPF_K`; jumps and sums are on the low 32 bits. */
export const codes = {
  load: { 2: 0x69, 4: 0x61 }, // LDX | MEM | H, W
  move: 0xb4, // ALU | MOV
  and: 0x54, // ALU | AND
  jump: { '==': 0x16, '!=': 0x56, '&': 0x46 }, // JMP32 | JEQ, JNE, JSET
  exit: 0x95, // JMP | EXIT
} as const;

const FARTHEST = 0x7fff;

/**
 * Lays a program out, little-endian.
 *
 * @throws RangeError when a jump is farther than its 16 bits can say
 */
export function encode(program: readonly Instruction[]): Uint8Array {
  const places = new Map<Label, number>();
  let count = 0;
  for (const instruction of program)
    if (instruction.op === 'label') places.set(instruction.name, count);
    else count++;
  const bytes = new Uint8Array(count * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  let place = 0;
  for (const instruction of program) {
    if (instruction.op === 'label') continue;
    const { code, to = 0, from = 0, offset = 0, number = 0 } = fields(instruction, place, places);
    const at = place++ * INSTRUCTION_BYTES;
    view.setUint8(at, code);
    view.setUint8(at + 1, to | (from << 4));
    view.setInt16(at + 2, offset, true);
    view.setInt32(at + 4, number, true);
  }
  return bytes;
}

interface Fields {
  readonly code: number;
  readonly to?: Register;
  readonly from?: Register;
  readonly offset?: number;
  readonly number?: number;
}

function fields(
  instruction: Exclude<Instruction, { op: 'label' }>,
  place: number,
  places: ReadonlyMap<Label, number>,
): Fields {
  switch (instruction.op) {
    case 'load': {
      const { to, from, offset, width } = instruction;
      return { code: codes.load[width], to, from, offset };
    }
    case 'move':
    case 'and':
      return { code: codes[instruction.op], to: instruction.to, number: instruction.value };
    case 'jump': {
      const { left, when, right, target } = instruction;
      const offset = (places.get(target) ?? Number.NaN) - place - 1;
      if (!(Math.abs(offset) <= FARTHEST)) throw new RangeError(`no jump reaches ${target}`);
      return { code: codes.jump[when], to: left, offset, number: right };
    }
    case 'exit':
      return { code: codes.exit };
  }
}
