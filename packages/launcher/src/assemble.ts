import type { Architecture } from '@oci/kernel';
import { type Executable, writeHeaders } from './elf.ts';
import type { Assembly, Instruction, Label } from './instructions.ts';
import { Layout } from './layout.ts';
import { ArmEncoder } from './machine/aarch64.ts';
import type { Encoder } from './machine/encoder.ts';
import { X86Encoder } from './machine/x86_64.ts';

interface Machine {
  readonly encoder: new (layout: Layout) => Encoder;
  /** EM_X86_64, EM_AARCH64: elf(5). */
  readonly elfMachine: number;
  /** The largest that its kernels use. */
  readonly pageSize: number;
}

const machines: Record<Architecture, Machine> = {
  x86_64: { encoder: X86Encoder, elfMachine: 62, pageSize: 0x1000 },
  aarch64: { encoder: ArmEncoder, elfMachine: 183, pageSize: 0x1_0000 },
};

/** Machine code, and where it and its labels lie. */
export interface MachineCode {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly labels: ReadonlyMap<Label, number>;
}

/** Assembles a static executable: elf(5), ET_EXEC. */
export function assemble(assembly: Assembly, architecture: Architecture): Uint8Array {
  const { pageSize, elfMachine } = machines[architecture];
  const layout = new Layout(assembly);
  const code = encode(assembly.instructions, layout, architecture);
  const { data, constants, text, zeroed } = layout;

  const file = new Uint8Array(text.offset + code.bytes.length);
  file.set(assembly.data, data.offset);
  file.set(assembly.constants, constants.offset);
  file.set(code.bytes, text.offset);
  fillReferences(file, assembly, layout);

  const dataSize = Math.max(data.size, 1);
  const zeroedSize = zeroed.address + zeroed.size - data.address - dataSize;
  const segments: Executable['segments'] = [
    // A segment that is empty in the file would be a special case to every loader.
    segment('read', constants, Math.max(constants.size, 1)),
    segment('execute', text, code.bytes.length),
    segment('write', data, dataSize, zeroedSize),
  ];
  writeHeaders(file, { machine: elfMachine, entry: text.address, pageSize, segments });
  return file;
}

/** The machine code alone, to look into. */
export function assembleText(assembly: Assembly, architecture: Architecture): MachineCode {
  return encode(assembly.instructions, new Layout(assembly), architecture);
}

function encode(
  instructions: readonly Instruction[],
  layout: Layout,
  architecture: Architecture,
): MachineCode {
  if (instructions[0]?.op !== 'entry') throw new Error('A program starts with its entry');
  const encoder = new machines[architecture].encoder(layout);
  instructions.forEach((instruction) => {
    encoder.encode(instruction);
  });
  const { address, labels } = encoder.code;
  const bytes = encoder.code.finish();
  if (bytes.length > layout.text.size) throw new Error('The text is larger than was foreseen');
  return { bytes, address, labels };
}

function fillReferences(file: Uint8Array, assembly: Assembly, layout: Layout): void {
  const view = new DataView(file.buffer);
  for (const { at, to } of assembly.references) {
    const { offset, size } = layout[at.section];
    if (at.offset < 0 || at.offset + 8 > size) {
      throw new RangeError(`A reference at ${at.offset} is outside the ${at.section}`);
    }
    view.setBigUint64(offset + at.offset, BigInt(layout.address(to)), true);
  }
}

function segment(
  access: 'read' | 'execute' | 'write',
  at: { readonly offset: number; readonly address: number },
  fileSize: number,
  zeroed = 0,
): Executable['segments'][number] {
  const { offset, address } = at;
  return { offset, address, fileSize, memorySize: fileSize + zeroed, access };
}
