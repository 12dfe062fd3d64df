import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeKernel } from '../src/fake/index.ts';
import {
  addressDump,
  bpfDeviceAttachment,
  bpfDeviceProgram,
  bpfDeviceQuery,
  bpfProgramId,
  capabilityData,
  capabilityHeader,
  cloneArgs,
  defaultAction,
  groupList,
  linkRequest,
  mountAttr,
  openHow,
  rlimit,
  Struct,
  signalSet,
  timespec,
  timeval,
} from '../src/index.ts';

/** A struct of ours, the C type it stands for, and the C members of its fields, in order. */
interface Layout {
  readonly struct: Struct;
  readonly type: string;
  readonly members: readonly string[];
  /** Where we write only the first part of what C declares: that part's size, as the headers say. */
  readonly size?: string;
}

const clone3 = [
  'flags',
  'pidfd',
  'child_tid',
  'parent_tid',
  'exit_signal',
  'stack',
  'stack_size',
  'tls',
];
const capabilities = ['effective', 'permitted', 'inheritable'];

/** The struct of a call that builds it itself. */
function structOf(call: (kernel: FakeKernel) => void): Struct {
  const kernel = new FakeKernel();
  call(kernel);
  const struct = kernel.calls[0]?.args.find((argument) => argument instanceof Struct);
  if (!struct) throw new Error(`no struct in ${kernel.lines[0]}`);
  return struct;
}

function without(name: string, { name: struct, size, fields }: Struct): Struct {
  return new Struct(
    struct,
    size,
    fields.filter((field) => field.name !== name),
  );
}

const layouts: readonly Layout[] = [
  {
    struct: cloneArgs({ flags: 0 }),
    type: 'struct clone_args',
    members: clone3,
    size: 'CLONE_ARGS_SIZE_VER0',
  },
  {
    struct: cloneArgs({ flags: 0, cgroup: 3 }),
    type: 'struct clone_args',
    members: [...clone3, 'set_tid', 'set_tid_size', 'cgroup'],
    size: 'CLONE_ARGS_SIZE_VER2',
  },
  { struct: openHow(0, 0, 0), type: 'struct open_how', members: ['flags', 'mode', 'resolve'] },
  {
    struct: mountAttr({}),
    type: 'struct mount_attr',
    members: ['attr_set', 'attr_clr', 'propagation', 'userns_fd'],
    size: 'MOUNT_ATTR_SIZE_VER0',
  },
  { struct: rlimit(0, 0), type: 'struct rlimit64', members: ['rlim_cur', 'rlim_max'] },
  {
    struct: capabilityHeader(0),
    type: 'struct __user_cap_header_struct',
    members: ['version', 'pid'],
  },
  {
    struct: capabilityData({ effective: 0n, permitted: 0n, inheritable: 0n }),
    type: 'cap_data',
    members: [0, 1].flatMap((half) => capabilities.map((set) => `half[${half}].${set}`)),
  },
  {
    struct: defaultAction(),
    type: 'struct sigaction',
    members: ['sa_handler', 'sa_flags', 'sa_restorer', 'sa_mask'],
  },
  { struct: signalSet([]), type: 'sigset', members: ['bits'] },
  {
    struct: timespec(0, 0),
    type: 'struct __kernel_timespec',
    members: ['tv_sec', 'tv_nsec'],
  },
  { struct: timeval(0), type: 'struct __kernel_sock_timeval', members: ['tv_sec', 'tv_usec'] },
  {
    struct: structOf((kernel) => kernel.sched_setattr({ policy: 0 })),
    type: 'struct sched_attr',
    members: [
      'size',
      'sched_policy',
      'sched_flags',
      'sched_nice',
      'sched_priority',
      'sched_runtime',
      'sched_deadline',
      'sched_period',
    ],
    size: 'SCHED_ATTR_SIZE_VER1',
  },
  {
    // Its name is two words of ours, and one array of C's.
    struct: without('prog_name', bpfDeviceProgram(new Uint8Array(16), '', '')),
    type: 'union bpf_attr',
    members: ['prog_type', 'insn_cnt', 'insns', 'license'],
    size: 'offsetof(union bpf_attr, prog_name) + BPF_OBJ_NAME_LEN',
  },
  {
    struct: bpfDeviceAttachment(3, 4),
    type: 'union bpf_attr',
    members: ['target_fd', 'attach_bpf_fd', 'attach_type', 'attach_flags'],
    size: 'offsetof(union bpf_attr, replace_bpf_fd)',
  },
  {
    struct: bpfDeviceQuery(3, new FakeKernel().memory('ids', 16)),
    type: 'union bpf_attr',
    members: ['query.target_fd', 'query.attach_type', 'query.prog_ids', 'query.prog_cnt'],
    size: 'offsetof(union bpf_attr, query.prog_cnt) + 4',
  },
  {
    struct: bpfProgramId(1),
    type: 'union bpf_attr',
    members: ['prog_id'],
    size: 'offsetof(union bpf_attr, open_flags) + 4',
  },
  {
    struct: linkRequest({ index: 1, up: true }),
    type: 'link_request',
    members: [
      'header.nlmsg_len',
      'header.nlmsg_type',
      'header.nlmsg_flags',
      'body.ifi_index',
      'body.ifi_flags',
      'body.ifi_change',
    ],
  },
  {
    struct: linkRequest({ index: 1, newIndex: 2 }),
    type: 'link_request_attribute',
    members: [
      'header.nlmsg_len',
      'header.nlmsg_type',
      'header.nlmsg_flags',
      'body.ifi_index',
      'attribute.rta_len',
      'attribute.rta_type',
      'value',
    ],
  },
  {
    struct: addressDump(),
    type: 'address_request',
    members: ['header.nlmsg_len', 'header.nlmsg_type', 'header.nlmsg_flags'],
  },
  { struct: groupList([1, 2]), type: 'groups', members: ['id[0]', 'id[1]'] },
  {
    struct: structOf((kernel) => kernel.seccompSetFilter(new Uint8Array(8), 0)),
    type: 'struct sock_fprog',
    members: ['len', 'filter'],
  },
];

/** Sizes and places that the docstrings name, which no Struct of ours carries. */
const documented: readonly (readonly [expression: string, value: number])[] = [
  ['sizeof(siginfo_t)', 128],
  ['offsetof(siginfo_t, si_signo)', 0],
  ['offsetof(siginfo_t, si_code)', 8],
  ['offsetof(siginfo_t, si_pid)', 16],
  ['offsetof(siginfo_t, si_status)', 24],
  ['sizeof(struct statx)', 256],
  ['offsetof(struct statx, stx_mode)', 28],
  ['sizeof(struct statfs)', 120],
  ['offsetof(struct statfs, f_type)', 0],
  ['offsetof(union bpf_attr, prog_name)', 48],
  ['sizeof(struct bpf_insn)', 8],
  ['sizeof(int)', 4],
  ['sizeof(struct nlmsghdr)', 16],
  ['offsetof(struct nlmsgerr, error)', 0],
  ['offsetof(struct ifaddrmsg, ifa_flags)', 2],
  ['offsetof(struct ifaddrmsg, ifa_scope)', 3],
  ['offsetof(struct ifaddrmsg, ifa_index)', 4],
  ['sizeof(struct ifaddrmsg)', 8],
  ['offsetof(struct statx, stx_ino)', 32],
];

/** The kernel's headers alone: libc's own versions of these structs differ. */
const prelude = `
#include <stddef.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/statfs.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/resource.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/stat.h>
#include <linux/time_types.h>
typedef struct { struct __user_cap_data_struct half[2]; } cap_data;
typedef struct { sigset_t bits; } sigset;
typedef struct { struct nlmsghdr header; struct ifinfomsg body; } link_request;
typedef struct { struct nlmsghdr header; struct ifinfomsg body; struct rtattr attribute; __u32 value; } link_request_attribute;
typedef struct { struct nlmsghdr header; struct ifaddrmsg body; } address_request;
typedef struct { __kernel_gid32_t id[2]; } groups;
int printf(const char *, ...);
#define SHOW(expression) printf("%lu\\n", (unsigned long)(expression))
`;

/** What the C compiler makes of each expression. */
function compiled(expressions: readonly string[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'oci-kernel-'));
  try {
    const source = join(folder, 'layout.c');
    const program = join(folder, 'layout');
    const lines = expressions.map((expression) => `SHOW(${expression});`);
    writeFileSync(source, `${prelude}int main(void) {\n${lines.join('\n')}\nreturn 0;\n}\n`);
    try {
      execFileSync('cc', ['-o', program, source], { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        throw new Error('no C compiler to check struct layouts with: install the package gcc');
      throw error;
    }
    return execFileSync(program, { encoding: 'utf8' }).trim().split('\n').map(Number);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('structs lie in memory as the C compiler lays them out', () => {
  const asked = layouts.flatMap(({ type, members, size }) => [
    size ?? `sizeof(${type})`,
    ...members.flatMap((member) => [
      `offsetof(${type}, ${member})`,
      `sizeof(((${type} *)0)->${member})`,
    ]),
  ]);
  const ours = layouts.flatMap(({ struct }) => [
    struct.size,
    ...struct.fields.flatMap(({ offset, width }) => [offset, width]),
  ]);
  expect(ours.length).toBe(asked.length);

  const theirs = compiled([...asked, ...documented.map(([expression]) => expression)]);

  const named = (values: readonly number[]) => asked.map((what, index) => [what, values[index]]);
  expect(named(ours)).toEqual(named(theirs));
  expect(documented).toEqual(
    documented.map(([expression], index) => [expression, theirs[asked.length + index]]),
  );
});

test('capability masks are split into low and high words', () => {
  const { fields } = capabilityData({
    effective: 1n << 40n,
    permitted: (1n << 40n) | 1n,
    inheritable: 0xffn,
  });
  expect(fields.map(({ value }) => value)).toEqual([0n, 1n, 0xffn, 0x100n, 0x100n, 0n]);
});

test('a signal set has bit n-1 for signal n', () => {
  expect(signalSet([1, 17, 64]).fields[0]?.value).toBe((1n << 63n) | (1n << 16n) | 1n);
});
