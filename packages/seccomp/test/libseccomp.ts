import { MFD_CLOEXEC } from '@oci/kernel';
import { LiveKernel, loadKoffi } from '@oci/kernel/live';
import {
  type Seccomp,
  type SeccompArch,
  type SeccompArg,
  type SeccompOperator,
  toUint64,
} from '@oci/spec';
import {
  architecture,
  type Filter,
  nativeArchitecture,
  parseFilter,
  returnValue,
} from '../src/index.ts';

/** libseccomp refused something, with an errno. */
export class LibseccompError extends Error {
  readonly errno: number;

  constructor(call: string, errno: number) {
    super(`libseccomp: ${call}: errno ${errno}`);
    this.errno = errno;
  }
}

const EEXIST = 17;

/** `SCMP_FLTATR_CTL_OPTIMIZE`: 1 orders calls by how simple their rules are, 2 builds a binary tree. */
const OPTIMIZE = 8;

/** `__NR_SCMP_ERROR`: no architecture has a call of that name. */
const UNKNOWN = -1;

const operators: Record<SeccompOperator, number> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

type Context = unknown;

interface Library {
  readonly init: (action: number) => Context;
  readonly release: (context: Context) => void;
  readonly archAdd: (context: Context, arch: number) => number;
  readonly archRemove: (context: Context, arch: number) => number;
  readonly attrSet: (context: Context, attribute: number, value: number) => number;
  readonly ruleAdd: (
    context: Context,
    action: number,
    number: number,
    count: number,
    args: Uint8Array,
  ) => number;
  readonly exportBpf: (context: Context, fd: number) => number;
  readonly resolve: (arch: number, name: string) => number;
}

/** Debian's libseccomp2, or the library that `LIBSECCOMP` names. */
function load(): Library {
  const path = process.env.LIBSECCOMP ?? 'libseccomp.so.2';
  try {
    const library = loadKoffi().load(path);
    return {
      init: library.func('void *seccomp_init(uint32_t)'),
      release: library.func('void seccomp_release(void *)'),
      archAdd: library.func('int seccomp_arch_add(void *, uint32_t)'),
      archRemove: library.func('int seccomp_arch_remove(void *, uint32_t)'),
      attrSet: library.func('int seccomp_attr_set(void *, int, uint32_t)'),
      ruleAdd: library.func(
        'int seccomp_rule_add_array(void *, uint32_t, int, unsigned int, const void *)',
      ),
      exportBpf: library.func('int seccomp_export_bpf(void *, int)'),
      resolve: library.func('int seccomp_syscall_resolve_name_arch(uint32_t, const char *)'),
    };
  } catch (cause) {
    throw new Error(`${path} cannot be loaded: these tests need Debian's package libseccomp2`, {
      cause,
    });
  }
}

const library = load();
const kernel = new LiveKernel();
const native = nativeArchitecture(kernel.architecture);

/** What libseccomp calls an architecture: its audit number, but x32 has one of its own. */
export function token(arch: SeccompArch): number {
  return arch === 'SCMP_ARCH_X32' ? 0x4000_003e : architecture(arch).audit;
}

/** The number by which libseccomp knows a call: negative where it has none or multiplexes it. */
export function resolve(arch: SeccompArch, name: string): number {
  return library.resolve(token(arch), name);
}

/** Whether libseccomp knows a name on any architecture. */
export function isKnown(name: string): boolean {
  return resolve(native, name) !== UNKNOWN;
}

/** Whether libseccomp knows an architecture; before 2.6 it lacked some. */
export function isSupported(arch: SeccompArch): boolean {
  return resolve(arch, 'exit') !== UNKNOWN;
}

/**
 * Builds and exports the filter of a profile the way runc and crun do, except that the native
 * architecture may be another than this machine's.
 * @throws LibseccompError
 */
export function buildFilter(
  profile: Seccomp,
  options: { readonly architecture: SeccompArch; readonly optimize?: 1 | 2 },
): Filter {
  const fallback = returnValue(profile.defaultAction, profile.defaultErrnoRet);
  const context = library.init(fallback);
  try {
    if (options.architecture !== native)
      succeed('seccomp_arch_remove', library.archRemove(context, token(native)));
    for (const arch of [options.architecture, ...(profile.architectures ?? [])]) {
      const result = library.archAdd(context, token(arch));
      if (result !== -EEXIST) succeed('seccomp_arch_add', result);
    }
    if (options.optimize)
      succeed('seccomp_attr_set', library.attrSet(context, OPTIMIZE, options.optimize));
    for (const { names, action, errnoRet, args } of profile.syscalls ?? []) {
      const value = returnValue(action, errnoRet);
      if (value === fallback) continue;
      for (const name of names) {
        const number = resolve(native, name);
        if (number === UNKNOWN) continue;
        for (const list of alternatives(args))
          succeed(
            'seccomp_rule_add_array',
            library.ruleAdd(context, value, number, list.length, encode(list)),
          );
      }
    }
    return exported(context, architecture(options.architecture).bigEndian);
  } finally {
    library.release(context);
  }
}

function succeed(call: string, result: number): void {
  if (result < 0) throw new LibseccompError(call, -result);
}

function alternatives(args: readonly SeccompArg[] = []): (readonly SeccompArg[])[] {
  const isRepeated = args.some(({ index }, i) => args.findIndex((a) => a.index === index) < i);
  return isRepeated ? args.map((arg) => [arg]) : [args];
}

/** `struct scmp_arg_cmp[]`: unsigned arg, enum op, u64 a, u64 b. */
function encode(args: readonly SeccompArg[]): Uint8Array {
  const bytes = new Uint8Array(24 * Math.max(args.length, 1));
  const view = new DataView(bytes.buffer);
  for (const [i, { index, op, value, valueTwo = 0 }] of args.entries()) {
    view.setUint32(24 * i, index, true);
    view.setUint32(24 * i + 4, operators[op], true);
    view.setBigUint64(24 * i + 8, toUint64(value), true);
    view.setBigUint64(24 * i + 16, toUint64(valueTwo), true);
  }
  return bytes;
}

/** The filter, which is in the byte order of its architectures. */
function exported(context: Context, bigEndian: boolean): Filter {
  const fd = kernel.memfd_create('filter', MFD_CLOEXEC);
  try {
    succeed('seccomp_export_bpf', library.exportBpf(context, Number(fd)));
    const size = Number(kernel.lseek(fd, 0, 2));
    kernel.lseek(fd, 0, 0);
    const memory = kernel.memory('filter', size);
    kernel.read(fd, memory);
    const bytes = memory.bytes.subarray(0, size);
    return parseFilter(bigEndian ? swapped(bytes) : bytes);
  } finally {
    kernel.close(fd);
  }
}

/** `struct sock_filter[]` in the other byte order: u16 code, u8 jt, u8 jf, u32 k. */
function swapped(bytes: Uint8Array): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = bytes.slice();
  const to = new DataView(result.buffer);
  for (let at = 0; at < bytes.length; at += 8) {
    to.setUint16(at, from.getUint16(at), true);
    to.setUint32(at + 4, from.getUint32(at + 4), true);
  }
  return result;
}
