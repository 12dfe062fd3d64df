import { BPF_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_DEVICE } from '../generated/constants.ts';
import type { Memory } from '../memory.ts';
import { Struct } from '../struct.ts';
import type { Fd, Value } from '../values.ts';

/** Bytes of an instruction: `struct bpf_insn`. */
const INSTRUCTION_BYTES = 8;
/** BPF_OBJ_NAME_LEN, with its NUL. */
const NAME_BYTES = 16;

/**
 * The part of `union bpf_attr` (bpf(2)) that BPF_PROG_LOAD reads: 64 bytes, up to the name (Linux
 * 4.15).
 *
 * @param name at most 15 letters, digits, `_` and `.`, for those who list programs
 */
export function bpfDeviceProgram(instructions: Uint8Array, license: string, name: string): Struct {
  const bytes = Buffer.alloc(NAME_BYTES);
  bytes.write(name, 0, NAME_BYTES - 1);
  return new Struct('bpf_prog_load', 64, [
    {
      name: 'prog_type',
      offset: 0,
      width: 4,
      value: BPF_PROG_TYPE_CGROUP_DEVICE,
      flags: 'BPF_PROG_TYPE',
    },
    { name: 'insn_cnt', offset: 4, width: 4, value: instructions.length / INSTRUCTION_BYTES },
    { name: 'insns', offset: 8, width: 8, value: instructions },
    { name: 'license', offset: 16, width: 8, value: license },
    { name: 'prog_name', offset: 48, width: 8, value: bytes.readBigUInt64LE(0) },
    { name: 'prog_name', offset: 56, width: 8, value: bytes.readBigUInt64LE(8) },
  ]);
}

/**
 * What BPF_PROG_ATTACH and BPF_PROG_DETACH read of `union bpf_attr`: 16 bytes.
 *
 * @param cgroup a directory of cgroup v2, O_PATH or not
 * @param flags BPF_F_*, of BPF_PROG_ATTACH
 */
export function bpfDeviceAttachment(cgroup: Fd, program: Fd, flags = 0): Struct {
  return new Struct('bpf_prog_attach', 16, [
    { name: 'target_fd', offset: 0, width: 4, value: cgroup },
    { name: 'attach_bpf_fd', offset: 4, width: 4, value: program },
    { name: 'attach_type', offset: 8, width: 4, value: BPF_CGROUP_DEVICE, flags: 'BPF_ATTACH' },
    { name: 'attach_flags', offset: 12, width: 4, value: flags, flags: 'BPF_F' },
  ]);
}

/**
 * What BPF_PROG_QUERY reads and writes of `union bpf_attr`: 28 bytes. The kernel fills `ids` with a
 * 32-bit id for each program that is attached to the cgroup itself; none is zero.
 */
export function bpfDeviceQuery(cgroup: Fd, ids: Memory): Struct {
  return new Struct('bpf_prog_query', 28, [
    { name: 'target_fd', offset: 0, width: 4, value: cgroup },
    { name: 'attach_type', offset: 4, width: 4, value: BPF_CGROUP_DEVICE, flags: 'BPF_ATTACH' },
    { name: 'prog_ids', offset: 16, width: 8, value: ids },
    { name: 'prog_cnt', offset: 24, width: 4, value: ids.size / 4 },
  ]);
}

/** What BPF_PROG_GET_FD_BY_ID reads of `union bpf_attr`: 12 bytes. */
export function bpfProgramId(id: Value): Struct {
  return new Struct('bpf_get_fd_by_id', 12, [{ name: 'prog_id', offset: 0, width: 4, value: id }]);
}
