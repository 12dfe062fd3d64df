import { KernelError, RLIMIT_NOFILE } from '@oci/kernel';
import { type LiveKernel, loadKoffi } from '@oci/kernel/live';
import { IGNORED_BY_NODE, inheritedOpenFileLimit, type OpenFileLimit } from './inheritance.ts';

/** Larger than glibc's and musl's structs on 64-bit machines (80 and 336 bytes in glibc). */
const OPAQUE_BYTES = 512;
/** posix_spawn(3): flags in <spawn.h>. */
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
/** sigset_t in libc: 1024 bits. */
const SIGNAL_SET_BYTES = 128;

type Bytes = Uint8Array;
interface Libc {
  init(actions: Bytes): number;
  dup2(actions: Bytes, from: number, to: number): number;
  destroy(actions: Bytes): number;
  attributesInit(attributes: Bytes): number;
  setFlags(attributes: Bytes, flags: number): number;
  setSignalDefault(attributes: Bytes, set: Bytes): number;
  setSignalMask(attributes: Bytes, set: Bytes): number;
  spawn(
    pid: Int32Array,
    path: string,
    actions: Bytes,
    attributes: Bytes,
    args: (string | null)[],
    environment: (string | null)[],
  ): number;
}

let libc: Libc | undefined;

function loadLibc(): Libc {
  if (libc) return libc;
  const library = loadKoffi().load(null);
  libc = {
    init: library.func('int posix_spawn_file_actions_init(void *)'),
    dup2: library.func('int posix_spawn_file_actions_adddup2(void *, int, int)'),
    destroy: library.func('int posix_spawn_file_actions_destroy(void *)'),
    attributesInit: library.func('int posix_spawnattr_init(void *)'),
    setFlags: library.func('int posix_spawnattr_setflags(void *, short)'),
    setSignalDefault: library.func('int posix_spawnattr_setsigdefault(void *, void *)'),
    setSignalMask: library.func('int posix_spawnattr_setsigmask(void *, void *)'),
    spawn: library.func(
      'int posix_spawn(_Out_ int *, const char *, void *, void *, const char **, const char **)',
    ),
  };
  return libc;
}

/** Starts one launcher again and again from this process, several at once if need be. */
export class Spawner {
  readonly #kernel: LiveKernel;
  readonly #limit: OpenFileLimit;
  readonly #attributes = new Uint8Array(OPAQUE_BYTES);

  constructor(kernel: LiveKernel) {
    this.#kernel = kernel;
    this.#limit = inheritedOpenFileLimit(kernel);
    const { attributesInit, setFlags, setSignalDefault, setSignalMask } = loadLibc();
    const ignored = new Uint8Array(SIGNAL_SET_BYTES);
    for (const signal of IGNORED_BY_NODE) {
      const byte = (signal - 1) >> 3;
      ignored[byte] = (ignored[byte] ?? 0) | (1 << ((signal - 1) & 7));
    }
    attributesInit(this.#attributes);
    setSignalDefault(this.#attributes, ignored);
    setSignalMask(this.#attributes, new Uint8Array(SIGNAL_SET_BYTES));
    setFlags(this.#attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }

  /**
   * Spawns a launcher (posix_spawn(3): no copy of this process is made).
   *
   * @param fd the launcher's descriptor
   * @param args the whole argument vector, the name first
   * @param descriptors what becomes descriptors 0, 1, 2, …
   * @returns the process id; the caller reaps it
   * @throws KernelError
   */
  spawn(fd: number, args: readonly string[], descriptors: readonly number[]): number {
    const { init, dup2, destroy, spawn } = loadLibc();
    const actions = new Uint8Array(OPAQUE_BYTES);
    init(actions);
    // Sources that would be overwritten before their turn first go out of the way; what is left of
    // them there the launcher closes.
    const above = Math.max(fd, ...descriptors) + 1;
    const sources = descriptors.map((from, to) => {
      if (from >= to) return from;
      dup2(actions, from, above + to);
      return above + to;
    });
    sources.forEach((from, to) => {
      dup2(actions, from, to);
    });
    const pid = new Int32Array(1);
    const path = `/proc/self/fd/${fd}`;
    const kernel = this.#kernel;
    const { soft, hard } = this.#limit;
    // The child inherits the limit at the moment of its start, so it is lowered for that long.
    kernel.setrlimit(RLIMIT_NOFILE, soft, hard);
    try {
      const errno = spawn(pid, path, actions, this.#attributes, [...args, null], [null]);
      if (errno !== 0) throw new KernelError('posix_spawn', errno, ['start the launcher']);
    } finally {
      kernel.setrlimit(RLIMIT_NOFILE, hard, hard);
      destroy(actions);
    }
    return Number(pid[0]);
  }
}
