import type { Instruction } from './ebpf.ts';

/** A program for people, one instruction a line, in the notation of the kernel's verifier. */
export function disassemble(program: readonly Instruction[]): string[] {
  return program.map(line);
}

function line(instruction: Instruction): string {
  switch (instruction.op) {
    case 'label':
      return `${instruction.name}:`;
    case 'load': {
      const { to, from, offset, width } = instruction;
      return `  r${to} = *(u${width * 8} *)(r${from} + ${offset})`;
    }
    case 'move':
      return `  w${instruction.to} = ${instruction.value}`;
    case 'and':
      return `  w${instruction.to} &= ${instruction.value}`;
    case 'jump': {
      const { left, when, right, target } = instruction;
      return `  if w${left} ${when} ${right} goto ${target}`;
    }
    case 'exit':
      return '  exit';
  }
}
