import { describeReturn } from './actions.ts';
import { architectures } from './architectures.ts';
import * as op from './bpf/opcodes.ts';
import type { Filter, Instruction } from './filter.ts';

const arithmetic = new Map<number, string>([
  [op.BPF_ADD, '+='],
  [op.BPF_SUB, '-='],
  [op.BPF_MUL, '*='],
  [op.BPF_DIV, '/='],
  [op.BPF_OR, '|='],
  [op.BPF_AND, '&='],
  [op.BPF_LSH, '<<='],
  [op.BPF_RSH, '>>='],
  [op.BPF_XOR, '^='],
]);

const comparisons = new Map<number, string>([
  [op.BPF_JEQ, '=='],
  [op.BPF_JGT, '>'],
  [op.BPF_JGE, '>='],
  [op.BPF_JSET, '&'],
]);

/**
 * A filter for people: one line an instruction, each with its place, which jumps name. `A` is the
 * accumulator, `X` the index register, `M` the scratch words. `args[0][4]` is the word that starts
 * four bytes into the first argument: its upper half, on a little-endian machine.
 */
export function disassemble(filter: Filter): string {
  // The last one wins: x86-64 rather than x32.
  const audits = new Map(
    architectures()
      .reverse()
      .map(({ audit, name }) => [audit, name] as const),
  );
  const width = String(filter.length - 1).length;
  /** Where a jump arrives with `arch` in the accumulator. */
  const compares = new Set<number>();
  let holdsArch = false;
  const lines = filter.instructions.map((instruction, at) => {
    const { code, jt, jf, k } = instruction;
    holdsArch ||= compares.has(at);
    const compared = holdsArch ? audits.get(k)?.replace('SCMP_ARCH_', '') : undefined;
    if ((code & 7) === op.BPF_JMP && holdsArch)
      for (const target of code === op.BPF_JMP + op.BPF_JA ? [k] : [jt, jf])
        compares.add(at + 1 + target);
    holdsArch = code === op.BPF_LD + op.BPF_ABS && k === op.ARCH_OFFSET;
    return `${String(at).padStart(width)}: ${describe(instruction, at, compared)}`;
  });
  return `${lines.join('\n')}\n`;
}

/** @param compared what the constant stands for, if that is known */
function describe({ code, jt, jf, k }: Instruction, at: number, compared?: string): string {
  const operand = code & op.BPF_X ? 'X' : (compared ?? number(k));
  switch (code & 7) {
    case op.BPF_LD:
      return `A = ${source(code, k)}`;
    case op.BPF_LDX:
      return `X = ${source(code, k)}`;
    case op.BPF_ST:
      return `M[${k}] = A`;
    case op.BPF_STX:
      return `M[${k}] = X`;
    case op.BPF_ALU:
      if ((code & 0xf0) === op.BPF_NEG) return 'A = -A';
      return `A ${arithmetic.get(code & 0xf0)} ${operand}`;
    case op.BPF_JMP: {
      if ((code & 0xf0) === op.BPF_JA) return `goto ${at + 1 + k}`;
      const [yes, no] = [at + 1 + jt, at + 1 + jf];
      const condition = `A ${comparisons.get(code & 0xf0)} ${operand}`;
      if (no === at + 1) return `if ${condition} goto ${yes}`;
      if (yes === at + 1) return `unless ${condition} goto ${no}`;
      return `if ${condition} goto ${yes} else ${no}`;
    }
    case op.BPF_RET:
      return `return ${code & op.BPF_A ? 'A' : describeReturn(k)}`;
    default:
      return code & op.BPF_TXA ? 'A = X' : 'X = A';
  }
}

function source(code: number, k: number): string {
  switch (code & 0xe0) {
    case op.BPF_ABS:
      return wordName(k);
    case op.BPF_MEM:
      return `M[${k}]`;
    case op.BPF_LEN:
      return 'sizeof(seccomp_data)';
    default:
      return number(k);
  }
}

/** A word of `seccomp_data`; `[4]` is the half of a wide field that starts four bytes into it. */
function wordName(offset: number): string {
  if (offset === op.NR_OFFSET) return 'nr';
  if (offset === op.ARCH_OFFSET) return 'arch';
  const half = offset & 4 ? '[4]' : '[0]';
  if (offset < op.ARGS_OFFSET) return `instruction_pointer${half}`;
  return `args[${(offset - op.ARGS_OFFSET) >> 3}]${half}`;
}

function number(k: number): string {
  return k < 0x1000 ? String(k) : `0x${k.toString(16)}`;
}
