import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  compare,
  type ErrnoName,
  errnoMessage,
  errnoNumber,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_PATH,
  type Policy,
  type Provision,
  RESOLVE_NO_MAGICLINKS,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  STATX_BYTES,
  STATX_TYPE,
  STX_MODE,
  type Stage,
  type Value,
  X_OK,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { candidates } from './candidates.ts';
import { quote } from './quote.ts';

/** The file that is to be executed: which of the candidates it is, is known when it runs. */
export interface Executable {
  readonly candidates: readonly string[];
  /** The index of the one that was found. */
  readonly chosen: Value;
}

/** What a path can be wrong in, other than in what it leads to. */
const missing: readonly ErrnoName[] = ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'];

/**
 * Finds the program before the container counts as created, so that a missing one is an error of
 * `create`. As the user and in the working directory that it is to be executed in. The messages
 * are those of Go's os/exec, which engines look for.
 */
export function lookupStage(config: RunnableConfig, executable: Provision<Executable>): Stage {
  const [file = ''] = config.process.args;
  const paths = candidates(config);
  return {
    name: 'process.args',
    lane: 'container',
    category: 'Configuration',
    provides: [executable],
    run(k) {
      const chosen = file.includes('/') ? examine(k, file) : search(k, file, paths);
      executable.provide({ candidates: paths, chosen });
    },
  };
}

/** Says of one path what is wrong with it. */
function examine(k: Kernel, path: string): Value {
  const failing = (reason: string) => () => k.fail(`exec: ${quote(path)}: ${reason}`);
  const file = open(k, path, missing);
  for (const name of missing) {
    const errno = errnoNumber(name);
    k.when(compare(file, '==', -errno), failing(`stat ${path}: ${errnoMessage(errno)}`));
  }
  const type = fileType(k, file);
  k.when(compare(type, '==', S_IFDIR), failing('is a directory'));
  k.when(compare(type, '!=', S_IFREG), failing('permission denied'));
  const access = k.faccessat2(file, '', X_OK, AT_EACCESS | AT_EMPTY_PATH, { allow: ['EACCES'] });
  k.when(compare(access, '!=', 0), failing('permission denied'));
  return 0;
}

/** Takes the first of the candidates that is a file and may be executed. */
function search(k: Kernel, file: string, paths: readonly string[]): Value {
  const none = paths.length;
  const chosen = k.variable('executable', none);
  for (const [index, path] of paths.entries()) {
    k.when(compare(chosen.value, '==', none), () => {
      const access = k.faccessat2(k.cwd, path, X_OK, AT_EACCESS, { allow: 'any' });
      k.when(compare(access, '==', 0), () => {
        const found = open(k, path, 'any');
        k.when(compare(found, '>=', 0), () =>
          k.when(compare(fileType(k, found), '==', S_IFREG), () => {
            // Go's os/exec, and so runc, has refused these since Go 1.19.
            const reason = 'cannot run executable found relative to current directory';
            if (!path.startsWith('/')) k.fail(`exec: ${quote(file)}: ${reason}`);
            k.set(chosen, index);
          }),
        );
      });
    });
  }
  k.when(compare(chosen.value, '==', none), () =>
    k.fail(`exec: ${quote(file)}: executable file not found in $PATH`),
  );
  return chosen.value;
}

/**
 * Opens what may be the program, without reading it. Not through a magic link: /proc/self/exe is the
 * launcher until execve, and would become the container's program, for it to find and to overwrite
 * (CVE-2019-5736); /proc/self/root and /proc/self/fd lead out of the container too. The descriptor
 * is closed with the runtime's others.
 */
function open(k: Kernel, path: string, allow: NonNullable<Policy['allow']>): Fd {
  const how = { flags: O_PATH | O_CLOEXEC, resolve: RESOLVE_NO_MAGICLINKS };
  return k.openat2(k.cwd, path, how, { allow });
}

function fileType(k: Kernel, file: Fd): Value {
  const statx = k.memory('executable', STATX_BYTES);
  k.statx(file, '', AT_EMPTY_PATH, STATX_TYPE, statx);
  return k.compute(k.load(statx, STX_MODE, 2), '&', S_IFMT);
}
