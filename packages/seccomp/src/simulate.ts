import type { SeccompArch } from '@oci/spec';
import { asLinuxTakesIt } from './actions.ts';
import { architecture, isBigEndian } from './architectures.ts';
import * as op from './bpf/opcodes.ts';
import type { Filter } from './filter.ts';

/** A system call as a filter sees it. */
export interface Call {
  /** An architecture, or the audit number of any. */
  readonly arch: SeccompArch | number;
  /** `seccomp_data.nr`, as `syscallNumber` gives it. */
  readonly nr: number;
  /** Up to six; 0 where there is none. Negative numbers are sign-extended to 64 bits. */
  readonly args?: readonly (number | bigint)[];
  readonly instructionPointer?: bigint;
}

export interface Verdict {
  /** What the filter returns, error numbers above 4095 as Linux does: `describeReturn` words it. */
  readonly value: number;
  /** How many instructions were executed for it. */
  readonly executed: number;
}

/** What a filter returns for a call. */
export function verdict(filter: Filter, call: Call): Verdict {
  return run(filter, seccompData(call));
}

/** `struct seccomp_data` of linux/seccomp.h as its 16 words, each in the byte order of the machine. */
export function seccompData({ arch, nr, args = [], instructionPointer = 0n }: Call): Uint32Array {
  const audit = typeof arch === 'number' ? arch >>> 0 : architecture(arch).audit;
  const data = new Uint32Array(op.DATA_SIZE / 4);
  data[0] = nr;
  data[1] = audit;
  const bigEndian = isBigEndian(audit);
  for (const [i, value] of [instructionPointer, ...args].entries()) {
    const wide = BigInt.asUintN(64, BigInt(value));
    const low = 2 + 2 * i + (bigEndian ? 1 : 0);
    data[low] = Number(wide & 0xffff_ffffn);
    data[low ^ 1] = Number(wide >> 32n);
  }
  return data;
}

/**
 * Runs a filter as Linux's interpreter does.
 * @param data `struct seccomp_data`, as `seccompData` makes it
 */
export function run(filter: Filter, data: Uint32Array): Verdict {
  const { value, executed } = runUntil(filter, data, 0);
  return { value, executed };
}

/**
 * Runs a filter until it returns or loads one of some words, whichever comes first.
 * @param unknown those words of `data`, bit by bit
 * @returns `stopped`: the place of that load, or -1; `value` then means nothing
 */
export function runUntil(
  filter: Filter,
  data: Uint32Array,
  unknown: number,
): Verdict & { readonly stopped: number } {
  const { words } = filter;
  const scratch = new Uint32Array(op.BPF_MEMWORDS);
  let a = 0;
  let x = 0;
  for (let at = 0, executed = 1; ; at++, executed++) {
    const head = words[2 * at] ?? 0;
    const k = words[2 * at + 1] ?? 0;
    const code = head & 0xffff;
    const operand = code & op.BPF_X ? x : k;
    switch (code & 7) {
      case op.BPF_LD:
        if (unknown !== 0 && code === op.BPF_LD + op.BPF_ABS && unknown & (1 << (k >> 2)))
          return { value: 0, executed, stopped: at };
        a = loaded(code, k, data, scratch);
        break;
      case op.BPF_LDX:
        x = loaded(code, k, data, scratch);
        break;
      case op.BPF_ST:
        scratch[k] = a;
        break;
      case op.BPF_STX:
        scratch[k] = x;
        break;
      case op.BPF_ALU: {
        const result = calculate(code & 0xf0, a, operand);
        // Linux ends a filter that divides by zero, with 0.
        if (result === undefined) return { value: 0, executed, stopped: -1 };
        a = result;
        break;
      }
      case op.BPF_JMP:
        if (code === op.BPF_JMP + op.BPF_JA) at += k;
        else at += compares(code & 0xf0, a, operand) ? (head >>> 16) & 0xff : head >>> 24;
        break;
      case op.BPF_RET:
        return {
          value: asLinuxTakesIt(code === op.BPF_RET + op.BPF_A ? a : k),
          executed,
          stopped: -1,
        };
      default:
        if (code & op.BPF_TXA) a = x;
        else x = a;
    }
  }
}

function loaded(code: number, k: number, data: Uint32Array, scratch: Uint32Array): number {
  switch (code & 0xe0) {
    case op.BPF_ABS:
      return data[k >> 2] ?? 0;
    case op.BPF_MEM:
      return scratch[k] ?? 0;
    case op.BPF_LEN:
      return op.DATA_SIZE;
    default:
      return k;
  }
}

function calculate(operation: number, a: number, operand: number): number | undefined {
  switch (operation) {
    case op.BPF_ADD:
      return (a + operand) >>> 0;
    case op.BPF_SUB:
      return (a - operand) >>> 0;
    case op.BPF_MUL:
      return Math.imul(a, operand) >>> 0;
    case op.BPF_DIV:
      return operand === 0 ? undefined : Math.floor(a / operand);
    case op.BPF_OR:
      return (a | operand) >>> 0;
    case op.BPF_AND:
      return (a & operand) >>> 0;
    case op.BPF_XOR:
      return (a ^ operand) >>> 0;
    // Linux shifts by what the lowest five bits say.
    case op.BPF_LSH:
      return (a << operand) >>> 0;
    case op.BPF_RSH:
      return a >>> operand;
    default:
      return -a >>> 0;
  }
}

function compares(operation: number, a: number, operand: number): boolean {
  switch (operation) {
    case op.BPF_JEQ:
      return a === operand;
    case op.BPF_JGT:
      return a > operand;
    case op.BPF_JGE:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}
