import {
  AT_EMPTY_PATH,
  compare,
  type Fd,
  type Kernel,
  O_DIRECTORY,
  O_NOFOLLOW,
  type Routine,
  S_IFDIR,
  STATX_TYPE,
  type Text,
} from '@oci/kernel';
import { makePath } from './make-path.ts';
import { openInside } from './open-inside.ts';
import { splitPath } from './paths.ts';
import { fileType, statxMemory } from './statx.ts';

export interface DirectoryOptions {
  /** The path must not end in a symbolic link. */
  readonly ordinary?: boolean;
}

function directoryFlags({ ordinary = false }: DirectoryOptions = {}): number {
  return O_DIRECTORY | (ordinary ? O_NOFOLLOW : 0);
}

/** Opens a directory, which must be there. */
export function openDirectory(k: Kernel, rootfs: Fd, path: Text, options?: DirectoryOptions): Fd {
  return openInside(k, rootfs, path, directoryFlags(options));
}

/** Opens a directory, and makes it and those above it where they are missing. */
export function directory(k: Kernel, rootfs: Fd, path: string, options?: DirectoryOptions): Fd {
  return k.attempt(
    ['ENOENT'],
    () => openDirectory(k, rootfs, path, options),
    () => makeDirectory(k, rootfs, path, options),
  );
}

const makingDirectory = (ordinary: boolean): Routine<readonly [rootfs: Fd, path: Text], Fd> => ({
  name: 'made',
  body: (k, rootfs, path) =>
    makePath(k, rootfs, path, { directory: 1, flags: directoryFlags({ ordinary }) }),
});
const makingAny = makingDirectory(false);
const makingOrdinary = makingDirectory(true);

/** Makes a directory that is missing, and those above it where they are. */
export function makeDirectory(k: Kernel, rootfs: Fd, path: string, options?: DirectoryOptions): Fd {
  return k.run(options?.ordinary ? makingOrdinary : makingAny, rootfs, path);
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

type Finding = Routine<readonly [rootfs: Fd, path: Text, source: Fd], Fd>;

const findingLikeSource = (flags: number): Finding => ({
  name: 'mountpoint',
  body: (k, rootfs, path, source) =>
    k.attempt(
      ['ENOENT'],
      () => openInside(k, rootfs, path, flags),
      () => {
        const directory = k.variable('directory', 0);
        const statx = statxMemory(k);
        k.statx(source, '', AT_EMPTY_PATH, STATX_TYPE, statx);
        k.when(compare(fileType(k, statx), '==', S_IFDIR), () => k.set(directory, 1));
        return makePath(k, rootfs, path, { directory: directory.value, flags });
      },
    ),
});
const following = findingLikeSource(0);
const notFollowing = findingLikeSource(O_NOFOLLOW);

/**
 * Opens what is at a path, or makes a directory or an empty file there, as the source is one.
 *
 * @param ordinary a symbolic link at the end is the mount point itself
 */
export function likeSource(
  k: Kernel,
  rootfs: Fd,
  path: string,
  source: Fd,
  { ordinary = false }: DirectoryOptions = {},
): Fd {
  return k.run(ordinary ? notFollowing : following, rootfs, path, source);
}
