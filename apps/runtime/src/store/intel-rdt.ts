import { readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedWith } from '@oci/kernel';
import { ownGroups, type RdtStatistics, RESCTRL, readRdtStatistics } from '@oci/rdt';
import * as z from 'zod/mini';
import { RDT_LINK } from '../stages/intel-rdt.ts';
import { ContainerError } from './errors.ts';

/** What the launcher notes of `linux.intelRdt`. */
const Note = z.object({
  closID: z.optional(z.string()),
  enableMonitoring: z.optional(z.boolean()),
});

/** The resctrl groups of a container. */
export class ContainerRdt {
  readonly #id: string;
  readonly #rdt: z.infer<typeof Note>;
  readonly #root: string;

  private constructor(id: string, rdt: z.infer<typeof Note>, root: string) {
    this.#id = id;
    this.#rdt = rdt;
    this.#root = root;
  }

  /**
   * @param directory the container's state
   * @returns undefined where its config had no `intelRdt`: then nothing of resctrl is looked at
   */
  static of(id: string, directory: string, root = RESCTRL): ContainerRdt | undefined {
    try {
      const note: unknown = JSON.parse(readlinkSync(join(directory, RDT_LINK)));
      return new ContainerRdt(id, z.parse(Note, note), root);
    } catch (error) {
      if (failedWith(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw new ContainerError('DAMAGED', `damaged ${RDT_LINK} in ${directory}`);
    }
  }

  /** Removes the groups that are the container's own. */
  remove(): void {
    const place = { root: this.#root, containerId: this.#id };
    for (const group of ownGroups({ ociVersion: '', linux: { intelRdt: this.#rdt } }, place)) {
      try {
        rmdirSync(String(group));
      } catch (error) {
        if (!failedWith(error, 'ENOENT')) throw error;
      }
    }
  }

  statistics(): RdtStatistics {
    const group = this.#class;
    const monitor = this.#rdt.enableMonitoring ? join(group, 'mon_groups', this.#id) : undefined;
    return readRdtStatistics({ root: this.#root, group, monitor });
  }

  /** Writes lines of schemata to the container's class, one at a time. */
  update(lines: readonly string[]): void {
    for (const line of lines) writeFileSync(join(this.#class, 'schemata'), `${line}\n`);
  }

  get #class(): string {
    const { closID } = this.#rdt;
    return closID === '/' ? this.#root : join(this.#root, closID || this.#id);
  }
}
