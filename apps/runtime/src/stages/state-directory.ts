import {
  AT_EMPTY_PATH,
  AT_REMOVEDIR,
  type Fd,
  type Kernel,
  LOCK_EX,
  LOCK_NB,
  LOCK_UN,
  O_CLOEXEC,
  O_DIRECTORY,
  O_RDONLY,
  type Parameter,
  Provision,
  STATX_BYTES,
  STATX_NLINK,
  STX_NLINK,
  type Stage,
  text,
  type Value,
} from '@oci/kernel';
import { STATE_FILE } from './state-file.ts';

/** The directory of one container's state, and how it is unmade. */
export interface StateDirectory {
  readonly directory: Provision<Fd>;
  readonly stage: Stage;
  /** Lets other commands have the container. */
  release(k: Kernel): void;
  /**
   * Takes it back.
   * @returns zero when it was removed meanwhile: what has its name now is another container's.
   */
  reclaim(k: Kernel): Value;
  /** Removes the directory, the state and `others` in it, of a container that has ended. */
  removeAll(k: Kernel, others?: readonly string[]): void;
}

/**
 * Claims the container's id by making its state directory, and locks it: other commands on the same
 * container wait, and a lock that is free without a state file means a launcher that died.
 */
export function stateDirectory(root: Parameter, id: Parameter): StateDirectory {
  const path = text`${root}/${id}`;
  const directory = new Provision<Fd>('state directory');
  const remove = (k: Kernel) => k.unlinkat(k.cwd, path, AT_REMOVEDIR, { allow: 'any' });
  const make = (k: Kernel) =>
    k.attempt(
      ['EEXIST'],
      () => {
        k.mkdirat(k.cwd, path, 0o711);
      },
      () => {
        k.fail('container with given ID already exists');
      },
    );
  return {
    directory,
    release: (k) => k.flock(directory.value, LOCK_UN),
    reclaim: (k) => {
      k.flock(directory.value, LOCK_EX);
      const statx = k.memory('statx', STATX_BYTES);
      k.statx(directory.value, '', AT_EMPTY_PATH, STATX_NLINK, statx);
      return k.load(statx, STX_NLINK, 4);
    },
    removeAll: (k, others = []) => {
      for (const name of [...others, STATE_FILE])
        k.unlinkat(directory.value, name, 0, { allow: 'any' });
      remove(k);
    },
    stage: {
      name: 'state directory',
      lane: 'host',
      category: 'Sync',
      provides: [directory],
      run: (k) => {
        k.attempt(
          ['ENOENT'],
          () => k.doing('make the state directory', () => make(k)),
          () =>
            k.doing('make the state directory', () => {
              k.mkdirat(k.cwd, root, 0o711, { allow: ['EEXIST'] });
              return make(k);
            }),
        );
        k.undo(() => remove(k));
        k.doing('lock the state directory', () => {
          const fd = k.openat(k.cwd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
          k.flock(fd, LOCK_EX | LOCK_NB);
          directory.provide(fd);
        });
      },
    },
  };
}
