import type { LauncherCache } from '../launcher-cache.ts';
import { Logger } from '../log/logger.ts';
import { ContainerRoot } from '../store/container-root.ts';
import type { StoreKernel } from '../store/kernel.ts';
import { checkRoot, currentCaller, defaultRoot, prepareRoot } from '../store/root.ts';
import type { ContainerStore, StoreOptions } from '../store/store.ts';
import type { Engine } from './engine.ts';
import type { GlobalOptions } from './globals.ts';
import type { Io } from './io.ts';

/** What a session is made of; tests give their own. */
export interface Environment {
  readonly io: Io;
  readonly engine: Engine;
  /** Launchers of commands before this one; none where nothing is kept. */
  readonly cache?: LauncherCache;
  /** Names the build of this program: another may compile differently. */
  readonly build: string;
  /** Where processes and cgroups are looked up, if not on this host. */
  readonly host?: StoreOptions;
  loadKernel(): Promise<StoreKernel>;
}

/** One run of the program: its global options, and what its commands share. */
export class Session {
  readonly globals: GlobalOptions;
  readonly log: Logger;
  readonly #environment: Environment;
  #root: ContainerRoot | undefined;

  /** @throws Error when the log file cannot be opened. */
  constructor(globals: GlobalOptions, environment: Environment) {
    this.globals = globals;
    this.#environment = environment;
    const { log: file, logFormat: format, debug } = globals;
    this.log = new Logger({ ...(file !== undefined && { file }), format, debug }, environment.io);
  }

  /** Where the containers are. */
  get root(): ContainerRoot {
    this.#root ??= new ContainerRoot(this.globals.root ?? this.#defaultRoot());
    return this.#root;
  }

  /** Makes the root directory if it is not there. */
  prepareRoot(): string {
    prepareRoot(this.root.root);
    return this.root.root;
  }

  /** The containers: loaded for commands that look at some, not for those that start one. */
  async openStore(): Promise<ContainerStore> {
    const { ContainerStore } = await import('../store/store.ts');
    return new ContainerStore(this.root.root, this.#environment.host);
  }

  print(text: string): void {
    this.#environment.io.stdout(text);
  }

  /** What commands need that change a container. */
  async forChange(): Promise<{ store: ContainerStore; kernel: StoreKernel }> {
    return { store: await this.openStore(), kernel: await this.#environment.loadKernel() };
  }

  get engine(): Engine {
    return this.#environment.engine;
  }

  get cache(): LauncherCache | undefined {
    return this.#environment.cache;
  }

  get build(): string {
    return this.#environment.build;
  }

  #defaultRoot(): string {
    const root = defaultRoot(currentCaller());
    // Below /tmp anyone could have made it.
    checkRoot(root);
    this.log.debug(`root directory ${root}`);
    return root;
  }
}
