import {
  AT_EMPTY_PATH,
  compare,
  type ErrnoName,
  errnoNumber,
  type Fd,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  S_IFDIR,
  STATX_TYPE,
} from '@oci/kernel';
import { splitPath } from './paths.ts';
import { fileType } from './statx.ts';

const AGAIN = -errnoNumber('EAGAIN');

/**
 * Opens a path inside the rootfs; symbolic links cannot lead out of it. A `..` in one is refused
 * with EAGAIN when anything on the host was renamed or mounted meanwhile: then it is to be tried
 * again (openat2(2), RESOLVE_IN_ROOT).
 */
function open(
  k: Kernel,
  rootfs: Fd,
  path: string,
  flags: number,
  mode: number,
  allow: readonly ErrnoName[] = [],
): Fd {
  const how = {
    flags: flags | O_CLOEXEC,
    mode,
    resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  const policy = { allow: [...allow, 'EAGAIN'] } as const;
  const found = k.variable('found', AGAIN);
  k.loop((leave) => {
    k.set(found, k.openat2(rootfs, path, how, policy));
    k.when(compare(found.value, '!=', AGAIN), leave);
  });
  return found.value;
}

/** A descriptor (O_PATH) of what is at a path inside the rootfs. */
export function openInside(
  k: Kernel,
  rootfs: Fd,
  path: string,
  flags: number,
  allow?: readonly ErrnoName[],
): Fd {
  return open(k, rootfs, path, O_PATH | flags, 0, allow);
}

export interface DirectoryOptions {
  /** The path must not end in a symbolic link. */
  readonly ordinary?: boolean;
}

/** Opens a directory, which must be there. */
export function openDirectory(
  k: Kernel,
  rootfs: Fd,
  path: string,
  { ordinary = false }: DirectoryOptions = {},
): Fd {
  return openInside(k, rootfs, path, O_DIRECTORY | (ordinary ? O_NOFOLLOW : 0));
}

/** Opens a directory, and makes it and those above it where they are missing. */
export function directory(k: Kernel, rootfs: Fd, path: string, options?: DirectoryOptions): Fd {
  return k.attempt(
    ['ENOENT'],
    () => openDirectory(k, rootfs, path, options),
    () => makeDirectory(k, rootfs, path),
  );
}

/** Makes a directory that is missing, and those above it where they are. */
export function makeDirectory(k: Kernel, rootfs: Fd, path: string): Fd {
  return inParent(k, rootfs, path, (parent, name) => {
    // Not to be followed: what is there under this name is a symbolic link to nothing.
    k.mkdirat(parent, name, 0o755);
    return k.openat2(parent, name, {
      flags: O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
      resolve: RESOLVE_NO_SYMLINKS,
    });
  });
}

/** Does something in the directory that a path is in, made where it is missing. */
export function inParent<T>(
  k: Kernel,
  rootfs: Fd,
  path: string,
  body: (parent: Fd, name: string) => T,
): T {
  const [above, name] = splitPath(path);
  if (above === '') return body(rootfs, name);
  const parent = directory(k, rootfs, above);
  const result = body(parent, name);
  k.close(parent);
  return result;
}

/** Makes an empty file; a symbolic link to nothing gets the file that it points to. */
function makeFile(k: Kernel, rootfs: Fd, path: string): Fd {
  const flags = O_CREAT | O_RDONLY | O_NOCTTY | O_NONBLOCK;
  const create = () => open(k, rootfs, path, flags, 0o644);
  const [above] = splitPath(path);
  if (above === '') return create();
  return k.attempt(['ENOENT'], create, () => {
    k.close(directory(k, rootfs, above));
    return create();
  });
}

/** Opens what is at a path, or makes a directory or an empty file there, as the source is one. */
export function likeSource(k: Kernel, rootfs: Fd, path: string, source: Fd, statx: Memory): Fd {
  return k.attempt(
    ['ENOENT'],
    () => openInside(k, rootfs, path, 0),
    () => {
      const made = k.variable('mountpoint', 0);
      k.statx(source, '', AT_EMPTY_PATH, STATX_TYPE, statx);
      k.when(
        compare(fileType(k, statx), '==', S_IFDIR),
        () => k.set(made, makeDirectory(k, rootfs, path)),
        () => k.set(made, makeFile(k, rootfs, path)),
      );
      return made.value;
    },
  );
}
