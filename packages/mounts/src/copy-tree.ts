import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  compare,
  type Fd,
  type Kernel,
  type Memory,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_WRONLY,
  RESOLVE_NO_SYMLINKS,
  S_IFDIR,
  S_IFLNK,
  S_IFREG,
  STATX_GID,
  STATX_MODE,
  STATX_SIZE,
  STATX_TYPE,
  STATX_UID,
  text,
} from '@oci/kernel';
import { copyString } from './bytes.ts';
import {
  deviceNumber,
  fileMode,
  fileSize,
  fileType,
  owner,
  permissions,
  statxMemory,
} from './statx.ts';

/** How deep directories may lie in each other: each level keeps two descriptors open. */
const DEEPEST = 64;

/** Of `struct linux_dirent64` (getdents64(2)). */
const D_RECLEN = 16;
const D_NAME = 19;

/** In what is kept of a directory while one in it is copied. */
const LEVEL = { from: 0, to: 8, copied: 16, size: 24 } as const;

const SEEK_SET = 0;
const DOT = 0x2e;
const DOT_DOT = 0x2e2e;

/** An unmapped id cannot own a file in a user namespace: it stays root's. */
const unlessUnmapped = { allow: ['EINVAL'] } as const;

/**
 * Copies all that is in one directory into another: contents, modes and owners of files, directories,
 * symbolic links (never followed), FIFOs, sockets and device nodes. Directories that lie deeper than
 * 64 levels fail the start.
 */
export function copyTree(k: Kernel, from: Fd, to: Fd): void {
  new TreeCopy(k).run(from, to);
}

/** The state of one copy: where it stands, and memory for what it looks at. */
class TreeCopy {
  readonly #k: Kernel;
  readonly #levels: Memory;
  readonly #entries: Memory;
  readonly #name: Memory;
  readonly #link: Memory;
  readonly #statx: Memory;

  constructor(k: Kernel) {
    this.#k = k;
    this.#levels = k.memory('levels', DEEPEST * LEVEL.size);
    this.#entries = k.memory('entries', 4096);
    this.#name = k.memory('name', 256);
    this.#link = k.memory('link', 4096);
    this.#statx = statxMemory(k);
  }

  run(top: Fd, target: Fd): void {
    const k = this.#k;
    const from = k.variable('from', k.openat(top, '.', O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const to = k.variable('to', target);
    const copied = k.variable('copied', 0);
    const depth = k.variable('depth', 0);
    const level = () => k.compute(depth.value, '*', LEVEL.size);
    const at = (field: number) => k.compute(level(), '+', field);

    /** Goes on in a directory within the one that is being read. */
    const descend = (source: Fd, copy: Fd) => {
      k.when(compare(depth.value, '==', DEEPEST), () =>
        k.fail(`directories lie more than ${DEEPEST} deep in each other`),
      );
      k.store(this.#levels, at(LEVEL.from), 8, from.value);
      k.store(this.#levels, at(LEVEL.to), 8, to.value);
      k.store(this.#levels, at(LEVEL.copied), 8, copied.value);
      k.set(depth, k.compute(depth.value, '+', 1));
      k.set(from, source);
      k.set(to, copy);
      k.set(copied, 0);
    };
    /** Goes on in the directory above, behind what was copied of it. */
    const ascend = () => {
      k.close(to.value);
      k.set(depth, k.compute(depth.value, '-', 1));
      k.set(from, k.load(this.#levels, at(LEVEL.from), 8));
      k.set(to, k.load(this.#levels, at(LEVEL.to), 8));
      k.set(copied, k.load(this.#levels, at(LEVEL.copied), 8));
      k.lseek(from.value, 0, SEEK_SET);
    };

    // Of what is read, so many entries were copied before another directory was read.
    const seen = k.variable('seen', 0);
    k.loop((leave) => {
      const filled = k.getdents64(from.value, this.#entries);
      k.when(compare(filled, '==', 0), () => {
        k.close(from.value);
        k.when(compare(depth.value, '==', 0), leave);
        ascend();
        k.set(seen, 0);
      });
      const next = k.variable('next', 0);
      k.loop((done) => {
        k.when(compare(next.value, '>=', filled), done);
        const entry = next.value;
        const length = k.load(this.#entries, k.compute(entry, '+', D_RECLEN), 2);
        copyString(k, this.#entries, k.compute(entry, '+', D_NAME), this.#name, 0);
        k.set(next, k.compute(entry, '+', length));
        k.set(seen, k.compute(seen.value, '+', 1));
        const isNew = compare(seen.value, '>', copied.value);
        k.when(isNew, () => {
          k.set(copied, seen.value);
          this.#unlessDots(() =>
            this.#copy(from.value, to.value, (source, copy) => {
              descend(source, copy);
              k.set(seen, 0);
              // What is left in memory is the other directory's; it is read again.
              k.set(next, filled);
            }),
          );
        });
      });
    });
  }

  #unlessDots(body: () => void): void {
    const k = this.#k;
    const first = k.load(this.#name, 0, 4);
    k.when(compare(k.compute(first, '&', 0xffff), '!=', DOT), () =>
      k.when(compare(k.compute(first, '&', 0xffffff), '!=', DOT_DOT), body),
    );
  }

  /** Copies what has the name; `descend` goes on with a directory. */
  #copy(from: Fd, to: Fd, descend: (source: Fd, copy: Fd) => void): void {
    const k = this.#k;
    const mask = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_SIZE;
    k.statx(from, text`${this.#name}`, AT_SYMLINK_NOFOLLOW, mask, this.#statx);
    const type = fileType(k, this.#statx);
    const is = (wanted: number) => compare(type, '==', wanted);
    const others = () =>
      k.when(
        is(S_IFLNK),
        () => this.#symlink(from, to),
        () => this.#node(to),
      );
    const files = () => k.when(is(S_IFREG), () => this.#file(from, to), others);
    k.when(is(S_IFDIR), () => this.#directory(from, to, descend), files);
  }

  #directory(from: Fd, to: Fd, descend: (source: Fd, copy: Fd) => void): void {
    const k = this.#k;
    k.mkdirat(to, text`${this.#name}`, 0o700);
    const copy = this.#open(to, O_RDONLY | O_DIRECTORY);
    this.#setOwnerAndMode(copy);
    descend(this.#open(from, O_RDONLY | O_DIRECTORY), copy);
  }

  #file(from: Fd, to: Fd): void {
    const k = this.#k;
    // It may have become something else meanwhile, which must not stop the start.
    const source = this.#open(from, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const copy = this.#open(to, O_WRONLY | O_CREAT | O_EXCL, 0o600);
    const left = k.variable('left', fileSize(k, this.#statx));
    k.loop((leave) => {
      k.when(compare(left.value, '==', 0), leave);
      const sent = k.sendfile(copy, source, left.value);
      k.when(compare(sent, '==', 0), leave);
      k.set(left, k.compute(left.value, '-', sent));
    });
    this.#setOwnerAndMode(copy);
    k.close(copy);
    k.close(source);
  }

  #symlink(from: Fd, to: Fd): void {
    const k = this.#k;
    const name = text`${this.#name}`;
    k.store(this.#link, k.readlinkat(from, name, this.#link), 1, 0);
    k.symlinkat(text`${this.#link}`, to, name);
    this.#setOwner(to);
  }

  #node(to: Fd): void {
    const k = this.#k;
    const device = deviceNumber(k, this.#statx);
    k.mknodat(to, text`${this.#name}`, fileMode(k, this.#statx), device);
    this.#setOwner(to);
  }

  #open(directory: Fd, flags: number, mode = 0): Fd {
    return this.#k.openat2(directory, text`${this.#name}`, {
      flags: flags | O_NOFOLLOW | O_CLOEXEC,
      mode,
      resolve: RESOLVE_NO_SYMLINKS,
    });
  }

  #setOwner(directory: Fd): void {
    const { uid, gid } = owner(this.#k, this.#statx);
    const name = text`${this.#name}`;
    this.#k.fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW, unlessUnmapped);
  }

  /** The mode comes last: a change of owner takes set-user-ID bits away (chown(2)). */
  #setOwnerAndMode(copy: Fd): void {
    const k = this.#k;
    const { uid, gid } = owner(k, this.#statx);
    k.fchownat(copy, '', uid, gid, AT_EMPTY_PATH, unlessUnmapped);
    k.fchmod(copy, permissions(k, this.#statx));
  }
}
