import type { Fd, Kernel } from '@oci/kernel';
import { splitPath } from './paths.ts';

interface NewDirectory {
  readonly mount: Fd;
  readonly names: Set<string>;
}

/**
 * The tmpfs mounts that this config has just made and nothing can have changed: what is mounted in
 * them next (/dev/pts, /dev/shm, …) needs no look-up and cannot meet a symbolic link. As soon as
 * something is mounted anywhere else, a path may no longer lead to them, and they are forgotten.
 */
export class NewDirectories {
  readonly #directories = new Map<string, NewDirectory>();

  /** Takes over the descriptor. */
  add(path: string, mount: Fd): void {
    this.#directories.set(path, { mount, names: new Set() });
  }

  /** The directory that a path is directly in, when it is new and has no such name yet. */
  parentOf(path: string): Fd | undefined {
    const [above, name] = splitPath(path);
    const found = this.#directories.get(above);
    if (found === undefined || found.names.has(name)) return undefined;
    found.names.add(name);
    return found.mount;
  }

  forget(k: Kernel): void {
    for (const { mount } of this.#directories.values()) k.close(mount);
    this.#directories.clear();
  }
}
