import { type Pid, PROC_SUPER_MAGIC, Provision } from '@oci/kernel';
import { type FakeKernel, FakeMemory } from '@oci/kernel/fake';
import {
  type Config,
  defaultConfig,
  type Process,
  type RunnableConfig,
  requireRunnable,
} from '@oci/spec';
import type { ProcessContext } from '../src/index.ts';

export const all = (1n << 41n) - 1n;

/** The default config with another process, or linux section. */
export function configWith(process: Partial<Process>, linux: Config['linux'] = {}): RunnableConfig {
  const config = defaultConfig();
  const { cwd = '/', ...rest } = { ...config.process, ...process };
  return requireRunnable({ ...config, process: { cwd, ...rest }, linux });
}

/** What a process needs at the least. */
export const bare: Partial<Process> = {
  args: ['/bin/true'],
  cwd: '/',
  env: ['HOME=/root'],
  capabilities: {},
  rlimits: [],
  noNewPrivileges: false,
};

export function contextWith(changes: Partial<ProcessContext> = {}): ProcessContext {
  const containerPid = new Provision<Pid>('container pid');
  containerPid.provide(77);
  return {
    permitted: all,
    lastCapability: 40,
    setgroups: true,
    preserveFds: 0,
    newKeyring: false,
    containerId: 'c1',
    containerPid,
    ...changes,
  };
}

/** Lets paths of programs have these types; others are not there. */
export function files(kernel: FakeKernel, types: Readonly<Record<string, number>>): void {
  const paths = Object.keys(types);
  const firstFd = 100;
  const typeOf = (file: unknown, path: unknown) =>
    types[path === '' ? (paths[Number(file) - firstFd] ?? '') : String(path)];
  const opensProgram = /\{flags=O_PATH\|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS\}/;
  kernel.returns(
    'openat2',
    ({ args }) =>
      typeOf(...pathOf(args)) === undefined ? -2 : firstFd + paths.indexOf(String(args[1])),
    { when: opensProgram },
  );
  kernel.returns('statx', ({ args }) => {
    const mode = typeOf(...pathOf(args));
    if (mode === undefined) return -2;
    const memory = args[4];
    if (memory instanceof FakeMemory) memory.store(28, 2, mode);
    return 0;
  });
  kernel.returns('faccessat2', ({ args }) => {
    const mode = typeOf(...pathOf(args));
    if (mode === undefined) return -2;
    return (mode & 0o111) === 0 ? -13 : 0;
  });
}

/** The descriptor and path that a call starts with. */
function pathOf([file, path]: readonly unknown[]): [unknown, unknown] {
  return [file, path];
}

/** Lets fstatfs say of every descriptor that it is on a filesystem of this type. */
export function filesystem(kernel: FakeKernel, magic: number = PROC_SUPER_MAGIC): void {
  kernel.returns('fstatfs', ({ args: [, memory] }) => {
    if (memory instanceof FakeMemory) memory.store(0, 8, magic);
    return 0;
  });
}
