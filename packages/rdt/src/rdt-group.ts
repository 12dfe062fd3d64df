import type { Text } from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';
import { RESCTRL } from './context.ts';
import { monitorOf } from './groups.ts';
import { Resctrl, removeGroup } from './resctrl.ts';
import { type RdtStatistics, readRdtStatistics } from './statistics.ts';

export interface RdtGroupOptions {
  /** The class of service; without one the default, which is there always. */
  readonly name?: string;
  /** A monitoring group in it. */
  readonly monitor?: string;
  /** Where resctrl is mounted, if elsewhere than at {@link RESCTRL}. */
  readonly root?: string;
}

/** Groups of resctrl, for any tool: made, joined, measured and removed here and now. */
export class RdtGroup {
  /** Their directories: the class, and the monitoring group if there is one. */
  readonly class: string;
  readonly monitor: string | undefined;
  readonly #kernel: LiveKernel;
  readonly #root: string;
  readonly #resctrl: Resctrl;
  #made: readonly Text[] = [];

  constructor(kernel: LiveKernel, { name, monitor, root = RESCTRL }: RdtGroupOptions) {
    for (const each of [name, monitor]) {
      if (each !== undefined && !isName(each)) throw new Error(`${each} is no name of a group`);
    }
    this.#kernel = kernel;
    this.#root = root;
    this.#resctrl = new Resctrl(kernel, root);
    this.class = name === undefined ? root : `${root}/${name}`;
    this.monitor = monitor && String(monitorOf(this.class, monitor));
  }

  /**
   * Makes the groups that are not there, all or none, and writes the schemata of a class that it made.
   *
   * @param schemata such as `L3:0=7f0;1=1f`, a line each
   * @throws Error with the kernel's own words where it refuses a group or a line
   */
  create(schemata: readonly string[] = []): void {
    const k = this.#kernel;
    const make = (group: string, then: () => void = () => {}) =>
      k.attempt(
        ['EEXIST'],
        () => {
          this.#resctrl.makeGroup(group);
          then();
          this.#made = [group, ...this.#made];
        },
        () => {},
      );
    const write = () => {
      for (const [index, text] of schemata.entries())
        this.#resctrl.writeSchema(this.class, { path: `schemata[${index}]`, text });
    };
    this.#resctrl.requireMounted();
    const before = this.#made;
    try {
      k.transaction(() => {
        if (this.class !== this.#root) make(this.class, write);
        if (this.monitor !== undefined) make(this.monitor);
      });
    } catch (error) {
      this.#made = before;
      throw error;
    }
  }

  /** Puts a process into the class, and into the monitoring group. @throws Error where it is gone */
  join(pid: number): void {
    this.#resctrl.writeTask(this.class, pid);
    if (this.monitor !== undefined) this.#resctrl.writeTask(this.monitor, pid);
  }

  statistics(): RdtStatistics {
    const { class: group, monitor } = this;
    return readRdtStatistics({ root: this.#root, group, monitor });
  }

  /** Removes what {@link create} made, and nothing else. Processes go back to the default class. */
  remove(): void {
    for (const group of this.#made) removeGroup(this.#kernel, group);
    this.#made = [];
  }
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\n]/.test(name);
}
