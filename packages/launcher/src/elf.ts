/** One PT_LOAD segment: a part of the file, at its place in memory. */
export interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  /** Beyond `fileSize` the kernel fills in zeroes. */
  readonly memorySize: number;
  readonly access: 'read' | 'execute' | 'write';
}

export interface Executable {
  /** `e_machine`. */
  readonly machine: number;
  readonly entry: number;
  readonly pageSize: number;
  /** In ascending order of addresses, as elf(5) asks. */
  readonly segments: readonly [Segment, Segment, Segment];
}

const headerSize = 64;
const programHeaderSize = 56;
/** Three segments and the stack's header. */
const programHeaders = 4;

/** What the headers take at the start of the file. */
export const headersSize = headerSize + programHeaders * programHeaderSize;

const ET_EXEC = 2;
const EV_CURRENT = 1;
const PT_LOAD = 1;
const PT_GNU_STACK = 0x6474_e551;
const PF_X = 1;
const PF_W = 2;
const PF_R = 4;
const flags = { read: PF_R, execute: PF_R | PF_X, write: PF_R | PF_W };

/** Writes the ELF header and the program headers, elf(5), over the start of `file`. */
export function writeHeaders(file: Uint8Array, executable: Executable): void {
  const view = new DataView(file.buffer, file.byteOffset, headersSize);
  let at = 0;
  const u16 = (value: number) => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const u32 = (value: number) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  const u64 = (value: number) => {
    view.setBigUint64(at, BigInt(value), true);
    at += 8;
  };

  // e_ident: magic, 64-bit, little-endian, version, System V ABI.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, EV_CURRENT, 0], 0);
  at = 16;
  u16(ET_EXEC);
  u16(executable.machine);
  u32(EV_CURRENT);
  u64(executable.entry);
  u64(headerSize); // e_phoff
  u64(0); // e_shoff: no sections
  u32(0); // e_flags
  u16(headerSize);
  u16(programHeaderSize);
  u16(programHeaders);
  u16(0); // e_shentsize
  u16(0); // e_shnum
  u16(0); // e_shstrndx

  for (const { offset, address, fileSize, memorySize, access } of executable.segments) {
    u32(PT_LOAD);
    u32(flags[access]);
    u64(offset);
    u64(address); // p_vaddr
    u64(address); // p_paddr
    u64(fileSize);
    u64(memorySize);
    u64(executable.pageSize); // p_align
  }
  // Without it the kernel would make the stack executable.
  u32(PT_GNU_STACK);
  u32(flags.write);
  at += 5 * 8;
  u64(16); // p_align
}
