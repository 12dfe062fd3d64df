import {
  compare,
  type Fd,
  type Kernel,
  NS_GET_NSTYPE,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
} from '@oci/kernel';
import type { NamespaceType } from '@oci/spec';
import { cloneFlag, type Joined } from './kinds.ts';

/** A namespace file that was opened before the root directory may have become another one. */
export interface Opened {
  readonly entry: Joined;
  readonly fd: Fd;
}

/** Opens all namespace files, while paths are those of the runtime. */
export function openAll(k: Kernel, entries: readonly Joined[]): Opened[] {
  return entries.map((entry) => ({ entry, fd: open(k, entry) }));
}

function open(k: Kernel, { index, path }: Joined): Fd {
  return k.doing(`linux.namespaces[${index}].path: open ${path}`, () =>
    // A FIFO in its place must not stop the start, nor a terminal become that of the session.
    k.openat(k.cwd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
  );
}

/**
 * Joins one namespace (setns(2)). A time namespace takes a process that shares its memory with no
 * other, a user or mount namespace one that shares its working directory with no other.
 */
export function join(k: Kernel, { entry, fd }: Opened): void {
  const { index, path, type } = entry;
  const flag = cloneFlag[type];
  const setns = () => {
    k.doing(`join ${path}`, () => k.setns(fd, flag));
    return undefined;
  };
  k.doing(`linux.namespaces[${index}].path`, () =>
    k.attempt(['EINVAL'], setns, () => {
      // ioctl_ns(2), Linux 4.11: asked only when the kernel has already said no.
      const actual = k.ioctl(fd, NS_GET_NSTYPE, 0, { allow: 'any' });
      k.when(
        compare(actual, '==', flag),
        () => {
          const reason = refusals[type];
          if (reason === undefined) setns();
          else k.fail(`${path} ${reason}`);
        },
        () => k.fail(`${path} is not ${type === 'ipc' ? 'an' : 'a'} ${type} namespace`),
      );
      return undefined;
    }),
  );
}

/** Why the kernel refuses a namespace of the right type with EINVAL (setns(2), "ERRORS"). */
const refusals: { readonly [Type in NamespaceType]?: string } = {
  pid: 'is a pid namespace that is not below that of the runtime',
  user: 'is the user namespace that the runtime is in',
};
