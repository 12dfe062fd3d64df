/** Classic BPF as linux/bpf_common.h has it: class, and what each class adds to it. */
export const BPF_LD = 0x00;
export const BPF_LDX = 0x01;
export const BPF_ST = 0x02;
export const BPF_STX = 0x03;
export const BPF_ALU = 0x04;
export const BPF_JMP = 0x05;
export const BPF_RET = 0x06;
export const BPF_MISC = 0x07;

export const BPF_IMM = 0x00;
export const BPF_ABS = 0x20;
export const BPF_MEM = 0x60;
export const BPF_LEN = 0x80;

export const BPF_ADD = 0x00;
export const BPF_SUB = 0x10;
export const BPF_MUL = 0x20;
export const BPF_DIV = 0x30;
export const BPF_OR = 0x40;
export const BPF_AND = 0x50;
export const BPF_LSH = 0x60;
export const BPF_RSH = 0x70;
export const BPF_NEG = 0x80;
export const BPF_XOR = 0xa0;

export const BPF_JA = 0x00;
export const BPF_JEQ = 0x10;
export const BPF_JGT = 0x20;
export const BPF_JGE = 0x30;
export const BPF_JSET = 0x40;

/** The operand is `k`, or the index register. */
export const BPF_K = 0x00;
export const BPF_X = 0x08;
/** `RET` returns the accumulator. */
export const BPF_A = 0x10;

export const BPF_TAX = 0x00;
export const BPF_TXA = 0x80;

/** The scratch words of a filter. */
export const BPF_MEMWORDS = 16;

/** linux/bpf_common.h: how many instructions a filter may have. */
export const BPF_MAXINSNS = 4096;

/** linux/seccomp.h, `struct seccomp_data`: nr, arch, instruction pointer, six arguments. */
export const NR_OFFSET = 0;
export const ARCH_OFFSET = 4;
export const ARGS_OFFSET = 16;
export const DATA_SIZE = 64;
