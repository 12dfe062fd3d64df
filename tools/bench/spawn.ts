import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

/*
 * `posix_spawn` and `waitpid` called directly: a fifth of what child_process costs, and the same for
 * every contender. The wait blocks, which a benchmark may.
 */
const libc = koffi.load(null);
const posixSpawn = libc.func(
  'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)',
);
const waitpid = libc.func('int waitpid(int pid, _Out_ int *status, int options)');
const initActions = libc.func('int posix_spawn_file_actions_init(void *actions)');
const addDup2 = libc.func('int posix_spawn_file_actions_adddup2(void *actions, int fd, int as)');
const initAttributes = libc.func('int posix_spawnattr_init(void *attributes)');
const setFlags = libc.func('int posix_spawnattr_setflags(void *attributes, short flags)');
const setDefaultSignals = libc.func(
  'int posix_spawnattr_setsigdefault(void *attributes, void *set)',
);
const addSignal = libc.func('int sigaddset(void *set, int signal)');

/** Larger than glibc's and musl's opaque structs. */
const opaqueSize = 512;
const SIGPIPE = 13;
const SETSIGDEF = 4;
const WNOHANG = 1;

export interface Exit {
  readonly code: number | undefined;
  readonly signal: number | undefined;
}

/** Spawns commands with one stdin (empty), stdout and stderr (files, so that nothing blocks). */
export class Spawner {
  readonly #input = openSync('/dev/null', 'r');
  readonly #output: number;
  readonly #errors: number;
  readonly #actions = Buffer.alloc(opaqueSize);
  readonly #attributes = Buffer.alloc(opaqueSize);
  readonly #outputPath: string;
  readonly #errorsPath: string;
  readonly #environment: readonly (string | null)[];

  /** @param prefix of the paths of the files that receive output */
  constructor(prefix: string) {
    this.#outputPath = `${prefix}.stdout`;
    this.#errorsPath = `${prefix}.stderr`;
    this.#output = openSync(this.#outputPath, 'a');
    this.#errors = openSync(this.#errorsPath, 'a');
    this.#environment = [
      ...Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
      null,
    ];
    initActions(this.#actions);
    addDup2(this.#actions, this.#input, 0);
    addDup2(this.#actions, this.#output, 1);
    addDup2(this.#actions, this.#errors, 2);
    // Node ignores SIGPIPE, and what is ignored stays ignored across exec.
    const signals = Buffer.alloc(opaqueSize);
    addSignal(signals, SIGPIPE);
    initAttributes(this.#attributes);
    setDefaultSignals(this.#attributes, signals);
    setFlags(this.#attributes, SETSIGDEF);
  }

  /** @returns the new process's id */
  start(argv: readonly string[]): number {
    const pid = [0];
    const error = posixSpawn(
      pid,
      argv[0],
      this.#actions,
      this.#attributes,
      [...argv, null],
      this.#environment,
    );
    if (error !== 0)
      throw new Error(`cannot start ${argv[0]}: ${getSystemErrorMap().get(-error)?.[1]}`);
    return pid[0] ?? 0;
  }

  /** Waits, blocking, for a process to end. */
  wait(pid: number): Exit {
    const status = [0];
    while (waitpid(pid, status, 0) !== pid) {
      if (koffi.errno() !== koffi.os.errno.EINTR) throw new Error(`waitpid(${pid}) failed`);
    }
    return exitOf(status[0] ?? 0);
  }

  /** How the process ended, if it has. */
  poll(pid: number): Exit | undefined {
    const status = [0];
    return waitpid(pid, status, WNOHANG) === pid ? exitOf(status[0] ?? 0) : undefined;
  }

  /** What was written to stdout since it was last forgotten. */
  output(): string {
    return readFileSync(this.#outputPath, 'utf8');
  }

  errors(): string {
    return readFileSync(this.#errorsPath, 'utf8');
  }

  forgetOutput(): void {
    ftruncateSync(this.#output);
    ftruncateSync(this.#errors);
  }

  close(): void {
    for (const fd of [this.#input, this.#output, this.#errors]) closeSync(fd);
  }
}

function exitOf(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0
    ? { code: (status >> 8) & 0xff, signal: undefined }
    : { code: undefined, signal };
}
