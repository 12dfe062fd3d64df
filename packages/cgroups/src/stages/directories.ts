import { AT_REMOVEDIR, compare, type Kernel, type Text, text, type Variable } from '@oci/kernel';
import type { Hierarchy } from '../layout.ts';
import type { CgroupPath } from '../path.ts';

const MODE = 0o755;

/** What was found out while a cgroup's directory was made; each variable is 0 or 1. */
export interface MadeDirectory {
  readonly directory: Text;
  /** It was there already. */
  readonly existed: Variable;
  /** Somebody else uses it by now, so that it is not removed when the start fails. */
  readonly taken: Variable;
}

/**
 * Makes a cgroup in one hierarchy, and those above it that are not there. What was made is removed
 * when the start fails.
 */
export function makeDirectories(
  k: Kernel,
  { mountpoint }: Hierarchy,
  { path, ancestors }: CgroupPath,
): MadeDirectory {
  const directory = text`${mountpoint}${path}`;
  const existed = k.variable('existed', 0);
  const taken = k.variable('taken', 0);
  const make = () => {
    const remove = () => k.unlinkat(k.cwd, directory, AT_REMOVEDIR);
    makeDirectory(
      k,
      directory,
      () => k.undo(() => k.when(compare(taken.value, '==', 0), remove)),
      () => k.set(existed, 1),
    );
  };
  k.doing(`make the container's cgroup in ${mountpoint}`, () => {
    if (ancestors.length === 0) make();
    else
      k.attempt(['ENOENT'], make, () => {
        for (const ancestor of ancestors) makeAncestor(k, `${mountpoint}${ancestor}`);
        make();
      });
  });
  return { directory, existed, taken };
}

function makeAncestor(k: Kernel, directory: string): void {
  const remove = () => k.undo(() => k.unlinkat(k.cwd, directory, AT_REMOVEDIR));
  makeDirectory(k, directory, remove, () => {});
}

function makeDirectory(k: Kernel, directory: Text, made: () => void, existed: () => void): void {
  k.attempt(
    ['EEXIST'],
    () => {
      k.mkdirat(k.cwd, directory, MODE);
      made();
    },
    existed,
  );
}
