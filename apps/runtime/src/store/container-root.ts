import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerError } from './errors.ts';
import { checkId } from './id.ts';

/** The directory that holds one for each container: all that has to be known of them to start one. */
export class ContainerRoot {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** @throws ContainerError for what cannot be an id. */
  directory(id: string): string {
    checkId(id);
    return join(this.root, id);
  }

  has(id: string): boolean {
    const found = lstatSync(this.directory(id), { throwIfNoEntry: false });
    return found?.isDirectory() ?? false;
  }

  /** @throws ContainerError when the id is taken, or cannot be one. */
  checkFree(id: string): void {
    if (lstatSync(this.directory(id), { throwIfNoEntry: false })) {
      throw new ContainerError('EXISTS', 'container with given ID already exists');
    }
  }
}
