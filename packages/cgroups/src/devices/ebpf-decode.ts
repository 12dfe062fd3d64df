import {
  codes,
  INSTRUCTION_BYTES,
  type Instruction,
  type Label,
  label,
  type Register,
  type Relation,
} from './ebpf.ts';

/**
 * Reads a program back from the kernel's layout. Labels are the numbers of the instructions that
 * they stand before.
 *
 * @throws TypeError for what {@link Instruction} has no form for
 */
export function decode(bytes: Uint8Array): Instruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / INSTRUCTION_BYTES;
  const instructions = Array.from({ length: count }, (_, place) => instruction(view, place));
  const targets = new Set(
    instructions.flatMap((decoded) => (decoded.op === 'jump' ? [decoded.target] : [])),
  );
  return instructions.flatMap((decoded, place) =>
    targets.has(String(place)) ? [label(String(place)), decoded] : [decoded],
  );
}

function instruction(view: DataView, place: number): Instruction {
  const at = place * INSTRUCTION_BYTES;
  const code = view.getUint8(at);
  const registers = view.getUint8(at + 1);
  const to = register(registers & 0xf);
  const offset = view.getInt16(at + 2, true);
  const value = view.getInt32(at + 4, true);
  for (const width of [2, 4] as const)
    if (code === codes.load[width])
      return { op: 'load', to, width, from: register(registers >> 4), offset };
  for (const when of ['==', '!=', '&'] as const satisfies readonly Relation[])
    if (code === codes.jump[when]) {
      const target: Label = String(place + 1 + offset);
      return { op: 'jump', when, left: to, right: value, target };
    }
  if (code === codes.move) return { op: 'move', to, value };
  if (code === codes.and) return { op: 'and', to, value };
  if (code === codes.exit) return { op: 'exit' };
  throw new TypeError(`instruction ${place} has the unknown code 0x${code.toString(16)}`);
}

const all: readonly Register[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

function register(number: number): Register {
  const found = all[number];
  if (found === undefined) throw new TypeError(`there is no register ${number}`);
  return found;
}
