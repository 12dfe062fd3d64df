import type { Kernel } from './kernel.ts';

/** The task that runs a stage: the launcher's own process, or the one that becomes the container. */
export type Lane = 'host' | 'container';

export type Category =
  | 'Security'
  | 'Mounts'
  | 'Platform'
  | 'Cgroups'
  | 'Bootstrap'
  | 'Sync'
  | 'Configuration';

/**
 * Something that one stage provides and others need: a value (a descriptor, a process id), or only
 * the fact that something was done (`Provision<void>`).
 */
export class Provision<T = void> {
  readonly name: string;
  #held: { readonly value: T } | undefined;
  constructor(name: string) {
    this.name = name;
  }
  /** Called by the stage that provides it, once. */
  provide(value: T): void {
    if (this.#held) throw new Error(`${this.name} is provided twice`);
    this.#held = { value };
  }
  /** @throws Error when no stage has provided it yet: a stage forgot to name its need. */
  get value(): T {
    if (!this.#held) throw new Error(`${this.name} is needed before a stage provides it`);
    return this.#held.value;
  }
}

/** A provision of any type, where only its identity and name matter. */
export type AnyProvision = Pick<Provision<unknown>, 'name'>;

/** A named piece of container startup, owned by one package. */
export interface Stage {
  readonly name: string;
  readonly lane: Lane;
  readonly category: Category;
  /** What must have been provided before this stage runs, in whichever lane. */
  readonly needs?: readonly AnyProvision[];
  readonly provides?: readonly AnyProvision[];
  /** Issues the stage's system calls. Runs once, in lane order. */
  run(kernel: Kernel): void;
}
