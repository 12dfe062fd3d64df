import {
  compare,
  type Fd,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_NOFOLLOW,
  O_PATH,
  RESOLVE_NO_SYMLINKS,
  S_IFREG,
  type Text,
  text,
  type Value,
  type Variable,
} from '@oci/kernel';
import { copyString } from './bytes.ts';
import { openInside } from './open-inside.ts';

/** Twice PATH_MAX (limits.h): what is longer no call takes. */
const BYTES = 8192;

/** As many as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;

const SLASH = 0x2f;

/** How a path ends. */
export interface LastPart {
  /** 1 for a directory, 0 for an empty file. */
  readonly directory: Value;
  /** O_* for opening it, where it is there after all. */
  readonly flags: number;
}

/** Memory for one path; calls come one after another, so that all share it. */
interface Paths {
  readonly walked: Memory;
  readonly name: Memory;
  readonly link: Memory;
}

const paths = new WeakMap<Kernel, Paths>();

function pathsOf(k: Kernel): Paths {
  const found = paths.get(k) ?? {
    walked: k.memory('path', BYTES),
    name: k.memory('name', BYTES),
    link: k.memory('link', BYTES),
  };
  paths.set(k, found);
  return found;
}

/**
 * Makes what is missing of a path inside the rootfs, directories with mode 0755, and opens its last
 * part (O_PATH). What symbolic links point to and is not there is made as well, where the links say,
 * inside the rootfs: images have a /var/run that leads to a /run which they lack.
 */
export function makePath(k: Kernel, rootfs: Fd, path: Text, last: LastPart): Fd {
  const { walked, name } = pathsOf(k);
  k.storeText(walked, path);
  const parent = k.variable('parent', rootfs);
  const start = k.variable('start', 0);
  const links = k.variable('links', 0);
  const leaveParent = (next: Value) => {
    k.when(compare(parent.value, '!=', rootfs), () => k.close(parent.value));
    k.set(parent, next);
  };
  k.loop((leave) => {
    const end = k.variable('end', start.value);
    k.when(compare(takeName(k, end), '==', 0), leave);
    const cut = k.load(walked, end.value, 1);
    k.store(walked, end.value, 1, 0);
    const found = k.variable('found', openPrefix(k, rootfs, cut, last));
    k.when(compare(found.value, '<', 0), () =>
      k.attempt(
        ['EEXIST'],
        () => {
          makePart(k, parent.value, cut, last);
          const flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
          const how = { flags, resolve: RESOLVE_NO_SYMLINKS };
          k.set(found, k.openat2(parent.value, text`${name}`, how));
        },
        () => {
          k.set(links, k.compute(links.value, '+', 1));
          k.when(compare(links.value, '>', MOST_LINKS), () =>
            k.fail('too many levels of symbolic links'),
          );
          k.store(walked, end.value, 1, cut);
          expandLink(k, parent.value, start.value, end.value);
          leaveParent(rootfs);
          k.set(start, 0);
        },
      ),
    );
    k.when(compare(found.value, '>=', 0), () => {
      leaveParent(found.value);
      k.store(walked, end.value, 1, cut);
      k.set(start, end.value);
    });
  });
  return parent.value;
}

/** Takes the next part of the path; `end` is then behind it. The result is its length. */
function takeName(k: Kernel, end: Variable): Value {
  const { walked, name } = pathsOf(k);
  const length = k.variable('length', 0);
  k.loop((leave) => {
    const byte = k.load(walked, end.value, 1);
    k.when(compare(byte, '==', 0), leave);
    const within = () => {
      k.store(name, length.value, 1, byte);
      k.set(length, k.compute(length.value, '+', 1));
    };
    const slash = () => k.when(compare(length.value, '>', 0), leave);
    k.when(compare(byte, '==', SLASH), slash, within);
    k.set(end, k.compute(end.value, '+', 1));
  });
  k.store(name, length.value, 1, 0);
  return length.value;
}

/** What is at the path up to where it is cut; its end is where nothing was cut off. */
function openPrefix(k: Kernel, rootfs: Fd, cut: Value, { flags }: LastPart): Fd {
  const prefix = text`${pathsOf(k).walked}`;
  const open = (flags: number) => openInside(k, rootfs, prefix, flags, ['ENOENT']);
  // A symbolic link behind which there is more is followed.
  if ((flags & O_NOFOLLOW) === 0) return open(0);
  const found = k.variable('found', 0);
  k.when(
    compare(cut, '==', 0),
    () => k.set(found, open(flags)),
    () => k.set(found, open(0)),
  );
  return found.value;
}

function makePart(k: Kernel, parent: Fd, cut: Value, { directory }: LastPart): void {
  const name = text`${pathsOf(k).name}`;
  const makeDirectory = () => k.mkdirat(parent, name, 0o755);
  if (directory === 1) makeDirectory();
  else
    k.when(
      compare(k.compute(cut, '|', directory), '==', 0),
      () => k.mknodat(parent, name, S_IFREG | 0o644, 0),
      makeDirectory,
    );
}

/**
 * Puts a link's target in the place of the part from `start` to `end`, its name. What is no link was
 * made meanwhile, by a start of the same rootfs: it is found when the path is walked again.
 */
function expandLink(k: Kernel, parent: Fd, start: Value, end: Value): void {
  const { walked, name, link } = pathsOf(k);
  const length = k.readlinkat(parent, text`${name}`, link, { allow: ['EINVAL'] });
  k.when(compare(length, '>=', 0), () => {
    copyString(k, walked, end, link, length);
    const at = k.variable('at', start);
    k.when(
      compare(k.load(link, 0, 1), '==', SLASH),
      () => k.set(at, 0),
      () => {
        // Behind the directory that it is in.
        k.store(walked, start, 1, SLASH);
        k.set(at, k.compute(start, '+', 1));
      },
    );
    copyString(k, link, 0, walked, at.value);
  });
}
