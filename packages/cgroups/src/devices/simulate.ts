import type { Access } from './access.ts';
import type { Instruction, Label, Relation } from './ebpf.ts';
import { nodeTypes } from './program.ts';
import type { NodeType } from './rules.ts';

/** What a process asks of a device. */
export interface DeviceAccess {
  readonly type: NodeType;
  readonly major: number;
  readonly minor: number;
  readonly access: Access;
}

export interface Verdict {
  readonly allowed: boolean;
  /** How many instructions it took. */
  readonly steps: number;
}

const CONTEXT_BYTES = 12;

/**
 * What a device program answers, found without the kernel.
 *
 * @throws Error for programs that the kernel's verifier refuses too: a register read before it is
 * written, a load outside of the context, an end without an exit
 */
export function simulate(program: readonly Instruction[], asked: DeviceAccess): Verdict {
  const context = new DataView(new ArrayBuffer(CONTEXT_BYTES));
  context.setUint32(0, (asked.access << 16) | nodeTypes[asked.type], true);
  context.setUint32(4, asked.major, true);
  context.setUint32(8, asked.minor, true);
  const registers = new Map<number, number>();
  const read = (register: number): number => {
    const value = registers.get(register);
    if (value === undefined) throw new Error(`r${register} is read before it is written`);
    return value;
  };
  let steps = 0;
  for (let at = 0; ; at++) {
    const instruction = program[at];
    if (!instruction) throw new Error('the program ends without an exit');
    if (instruction.op !== 'label') steps++;
    switch (instruction.op) {
      case 'load': {
        const { to, width, from, offset } = instruction;
        if (from !== 1) throw new Error('only the context can be loaded from');
        const value =
          width === 2 ? context.getUint16(offset, true) : context.getUint32(offset, true);
        registers.set(to, value);
        break;
      }
      case 'move':
        registers.set(instruction.to, instruction.value >>> 0);
        break;
      case 'and':
        registers.set(instruction.to, (read(instruction.to) & instruction.value) >>> 0);
        break;
      case 'jump': {
        const { left, when, right, target } = instruction;
        if (holds(read(left), when, right >>> 0)) at = placeOf(program, target);
        break;
      }
      case 'exit':
        return { allowed: read(0) !== 0, steps };
    }
  }
}

function holds(left: number, when: Relation, right: number): boolean {
  if (when === '&') return (left & right) !== 0;
  return (left === right) === (when === '==');
}

function placeOf(program: readonly Instruction[], target: Label): number {
  const place = program.findIndex(
    ({ op, ...rest }) => op === 'label' && 'name' in rest && rest.name === target,
  );
  if (place < 0) throw new Error(`there is no label ${target}`);
  return place;
}
