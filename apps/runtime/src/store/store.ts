import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failedWith } from '@oci/kernel';
import { type ContainerCgroup, cgroupAt } from './cgroup.ts';
import { Container } from './container.ts';
import { ContainerRoot } from './container-root.ts';
import { ContainerError, notFound } from './errors.ts';
import { checkId } from './id.ts';
import { ProcessTable } from './processes.ts';
import { readStateFile } from './state-file.ts';

export interface StoreOptions {
  readonly processes?: ProcessTable;
  readonly cgroupAt?: (path: string) => ContainerCgroup;
  /** How long to wait for another command on the same container, in milliseconds. */
  readonly patience?: number;
}

/** The containers below one root directory: a directory each, named by the id. */
export class ContainerStore extends ContainerRoot {
  readonly processes: ProcessTable;
  readonly cgroupAt: (path: string) => ContainerCgroup;
  /** How long commands wait for another one on the same container, in milliseconds. */
  readonly patience: number;

  constructor(root: string, options: StoreOptions = {}) {
    super(root);
    this.processes = options.processes ?? new ProcessTable();
    this.cgroupAt = options.cgroupAt ?? cgroupAt;
    this.patience = options.patience ?? 5000;
  }

  /** @throws ContainerError when there is no such container, or its state cannot be read. */
  load(id: string): Container {
    const directory = this.directory(id);
    if (!this.has(id)) throw notFound();
    const file = readStateFile(join(directory, 'state.json'), id);
    return new Container(id, directory, file, this);
  }

  /** All ids, sorted, also of containers that are half made. */
  ids(): string[] {
    try {
      return readdirSync(this.root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && isId(entry.name))
        .map((entry) => entry.name)
        .sort();
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /**
   * All containers. `onError` is told of those that cannot be read; one that is removed meanwhile
   * is left out.
   */
  list(onError: (id: string, error: unknown) => void): Container[] {
    return this.ids().flatMap((id) => {
      try {
        return [this.load(id)];
      } catch (error) {
        const removed = error instanceof ContainerError && error.code === 'NOT_FOUND';
        if (!removed) onError(id, error);
        return [];
      }
    });
  }

  /**
   * Removes a container's directory. The state file goes last: until then the container can still
   * be found, and deleted again.
   */
  remove(id: string): void {
    const directory = this.directory(id);
    const names = this.#entries(directory);
    for (const name of names.filter((name) => name !== 'state.json')) {
      rmSync(join(directory, name), { recursive: true, force: true });
    }
    rmSync(join(directory, 'state.json'), { recursive: true, force: true });
    try {
      rmdirSync(directory);
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) throw error;
    }
  }

  #entries(directory: string): string[] {
    try {
      return readdirSync(directory);
    } catch (error) {
      if (failedWith(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

function isId(name: string): boolean {
  try {
    checkId(name);
    return true;
  } catch {
    return false;
  }
}
