import * as op from './opcodes.ts';

const load = op.BPF_LD;
const jump = op.BPF_JMP;
const arithmetic = [
  op.BPF_ADD,
  op.BPF_SUB,
  op.BPF_MUL,
  op.BPF_DIV,
  op.BPF_OR,
  op.BPF_AND,
  op.BPF_LSH,
  op.BPF_RSH,
  op.BPF_XOR,
];
const comparisons = [op.BPF_JEQ, op.BPF_JGT, op.BPF_JGE, op.BPF_JSET];

/** What seccomp takes of classic BPF: `seccomp_check_filter` in Linux's kernel/seccomp.c. */
const allowed: ReadonlySet<number> = new Set([
  load + op.BPF_ABS,
  load + op.BPF_LEN,
  load + op.BPF_IMM,
  load + op.BPF_MEM,
  op.BPF_LDX + op.BPF_LEN,
  op.BPF_LDX + op.BPF_IMM,
  op.BPF_LDX + op.BPF_MEM,
  op.BPF_ST,
  op.BPF_STX,
  op.BPF_ALU + op.BPF_NEG,
  ...arithmetic.flatMap((kind) => [op.BPF_ALU + kind + op.BPF_K, op.BPF_ALU + kind + op.BPF_X]),
  jump + op.BPF_JA,
  ...comparisons.flatMap((kind) => [jump + kind + op.BPF_K, jump + kind + op.BPF_X]),
  op.BPF_RET + op.BPF_K,
  op.BPF_RET + op.BPF_A,
  op.BPF_MISC + op.BPF_TAX,
  op.BPF_MISC + op.BPF_TXA,
]);

/**
 * What is wrong with a filter, in the words of a message: what Linux's `bpf_check_classic` and
 * `seccomp_check_filter` refuse.
 * @param words two an instruction, as `Filter.words` has them
 */
export function checkFilter(words: Uint32Array, length: number): string | undefined {
  if (!Number.isInteger(length)) return 'is not a whole number of instructions';
  if (length === 0) return 'has no instructions';
  if (length > op.BPF_MAXINSNS)
    return `has ${length} instructions: Linux takes ${op.BPF_MAXINSNS} at most`;
  const written = new Written(length);
  for (let at = 0; at < length; at++) {
    const head = words[2 * at] ?? 0;
    const k = words[2 * at + 1] ?? 0;
    const code = head & 0xffff;
    const problem = allowed.has(code)
      ? (checkOperand(code, k) ??
        checkJumps(code, head, k, at, length) ??
        written.check(code, head, k, at))
      : `Linux takes no operation 0x${code.toString(16)}`;
    if (problem) return `instruction ${at}: ${problem}`;
  }
  const last = (words[2 * (length - 1)] ?? 0) & 7;
  return last === op.BPF_RET ? undefined : `instruction ${length - 1}: is last and does not return`;
}

function checkOperand(code: number, k: number): string | undefined {
  if (code === load + op.BPF_ABS && (k >= op.DATA_SIZE || k & 3))
    return `loads from offset ${k}, which is no word of seccomp_data`;
  if (isScratch(code) && k >= op.BPF_MEMWORDS) return `there is no scratch word ${k}`;
  if (code === op.BPF_ALU + op.BPF_DIV && k === 0) return 'divides by zero';
  if ((code === op.BPF_ALU + op.BPF_LSH || code === op.BPF_ALU + op.BPF_RSH) && k >= 32)
    return `shifts by ${k}`;
  return undefined;
}

function checkJumps(
  code: number,
  head: number,
  k: number,
  at: number,
  length: number,
): string | undefined {
  if ((code & 7) !== jump) return undefined;
  const furthest =
    code === jump + op.BPF_JA ? k : Math.max((head >>> 16) & 0xff, (head >>> 24) & 0xff);
  return furthest >= length - at - 1 ? 'jumps past the end' : undefined;
}

function isScratch(code: number): boolean {
  const kind = code & 7;
  if (kind === op.BPF_ST || kind === op.BPF_STX) return true;
  return code === load + op.BPF_MEM || code === op.BPF_LDX + op.BPF_MEM;
}

/**
 * Which scratch words have been written on every way to an instruction, bit by bit; jumps only go
 * forward. A filter that reads another is refused (`check_load_and_stores` in net/core/filter.c).
 */
class Written {
  readonly #onArrival: Uint16Array;
  #now = 0;

  constructor(length: number) {
    this.#onArrival = new Uint16Array(length).fill(0xffff);
  }

  check(code: number, head: number, k: number, at: number): string | undefined {
    this.#now &= this.#onArrival[at] ?? 0;
    const kind = code & 7;
    if (kind === op.BPF_ST || kind === op.BPF_STX) this.#now |= 1 << k;
    else if (isScratch(code) && !(this.#now & (1 << k)))
      return `reads scratch word ${k} before it is written`;
    else if (kind === jump) {
      if (code === jump + op.BPF_JA) this.#arrive(at + 1 + k);
      else {
        this.#arrive(at + 1 + ((head >>> 16) & 0xff));
        this.#arrive(at + 1 + (head >>> 24));
      }
      this.#now = 0xffff;
    }
    return undefined;
  }

  #arrive(at: number): void {
    this.#onArrival[at] = (this.#onArrival[at] ?? 0) & this.#now;
  }
}
