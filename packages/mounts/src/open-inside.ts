import {
  compare,
  type ErrnoName,
  errnoNumber,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_PATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  type Routine,
  type Text,
} from '@oci/kernel';

const AGAIN = -errnoNumber('EAGAIN');

/** Whoever renames without end must not keep a start from ending. */
const TRIES = 128;

/** What is opened with the same flags and errors allowed is opened by the same routine. */
const routines = new Map<string, Routine<readonly [rootfs: Fd, path: Text], Fd>>();

/**
 * A descriptor (O_PATH) of what is at a path inside the rootfs; symbolic links cannot lead out of
 * it. A `..` in one is refused with EAGAIN when anything on the host was renamed or mounted
 * meanwhile: then it is to be tried again (openat2(2), RESOLVE_IN_ROOT).
 */
export function openInside(
  k: Kernel,
  rootfs: Fd,
  path: Text,
  flags: number,
  allow: readonly ErrnoName[] = [],
): Fd {
  const key = [flags, ...allow].join();
  let routine = routines.get(key);
  if (!routine) {
    routine = {
      name: 'found',
      body: (k, rootfs, path) => open(k, rootfs, path, flags, allow),
    };
    routines.set(key, routine);
  }
  return k.run(routine, rootfs, path);
}

function open(k: Kernel, rootfs: Fd, path: Text, flags: number, allow: readonly ErrnoName[]): Fd {
  const how = {
    flags: flags | O_PATH | O_CLOEXEC,
    resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  const policy = { allow: [...allow, 'EAGAIN'] } as const;
  const found = k.variable('found', AGAIN);
  const left = k.variable('tries left', TRIES);
  k.loop((leave) => {
    k.set(found, k.openat2(rootfs, path, how, policy));
    k.when(compare(found.value, '!=', AGAIN), leave);
    k.set(left, k.compute(left.value, '-', 1));
    k.when(compare(left.value, '==', 0), () =>
      k.fail('files are renamed too fast for the path to be looked up safely'),
    );
  });
  return found.value;
}
