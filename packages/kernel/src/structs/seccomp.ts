import { Struct } from '../struct.ts';

const INSTRUCTION_BYTES = 8;

/** `struct sock_fprog` (seccomp(2)): 16 bytes, the number of instructions and where they are. */
export function filterProgram(filter: Uint8Array): Struct {
  return new Struct('sock_fprog', 16, [
    { name: 'len', offset: 0, width: 2, value: filter.length / INSTRUCTION_BYTES },
    { name: 'filter', offset: 8, width: 8, value: filter },
  ]);
}
