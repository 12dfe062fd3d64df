/**
 * What a process may want of a device, in the bits of BPF_DEVCG_ACC_*: 1 mknod, 2 read, 4 write
 * (include/uapi/linux/bpf.h).
 */
export type Access = number;

export const MKNOD: Access = 1;
export const READ: Access = 2;
export const WRITE: Access = 4;
export const ALL: Access = MKNOD | READ | WRITE;

const letters: readonly (readonly [letter: string, bit: Access])[] = [
  ['r', READ],
  ['w', WRITE],
  ['m', MKNOD],
];

/** `rwm` to bits. Other letters count for nothing: `@oci/spec` has refused them. */
export function parseAccess(text: string): Access {
  return letters.reduce((bits, [letter, bit]) => (text.includes(letter) ? bits | bit : bits), 0);
}

/** Bits to `rwm`, in the order that the kernel's own lists have. */
export function formatAccess(access: Access): string {
  return letters.map(([letter, bit]) => (access & bit ? letter : '')).join('');
}
