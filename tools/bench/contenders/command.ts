import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Bundles } from '../bundles.ts';
import type { Contender, Workplace } from '../contender.ts';
import { figureNames } from '../figures.ts';
import { isInContainer, processTree, residentSize } from '../processes.ts';
import { rest } from '../rest.ts';
import { type Exit, Spawner } from '../spawn.ts';

const startTimeout = 10_000;
/** Lets what a start leaves running in the background come to rest before memory is read. */
const settling = 100;

/** A contender that is a command: spawned, then waited for. */
export abstract class CommandContender implements Contender {
  /** Whether its containers are under Docker's default seccomp profile. */
  protected readonly confined: boolean = false;
  abstract readonly name: string;
  readonly figures = figureNames;
  abstract unavailable(): Promise<string | undefined>;
  /** The command that runs `bundle` in the foreground as container `id`. */
  protected abstract command(bundle: Bundle, id: string): readonly string[];
  /** Whatever a subclass does once. */
  protected setUp(): void {}

  #prepared: { readonly workplace: Workplace; readonly spawner: Spawner } | undefined;

  /** A directory of this contender's own. */
  protected get directory(): string {
    return join(this.#ready.workplace.directory, this.name);
  }

  protected get bundles(): Bundles {
    const { bundles, confined } = this.#ready.workplace;
    return this.confined ? confined : bundles;
  }

  async prepare(workplace: Workplace): Promise<void> {
    mkdirSync(join(workplace.directory, this.name));
    this.#prepared = {
      workplace,
      spawner: new Spawner(join(workplace.directory, this.name, 'out')),
    };
    this.setUp();
  }

  async life(id: string): Promise<bigint> {
    const { spawner } = this.#ready;
    const argv = this.command(this.bundles.exit, id);
    const before = process.hrtime.bigint();
    const exit = spawner.wait(spawner.start(argv));
    const after = process.hrtime.bigint();
    this.#check(exit, argv);
    return after - before;
  }

  async coldStart(id: string): Promise<bigint> {
    const { spawner } = this.#ready;
    const argv = this.command(this.#bundle('clock'), id);
    spawner.forgetOutput();
    const before = process.hrtime.bigint();
    const exit = spawner.wait(spawner.start(argv));
    this.#check(exit, argv);
    return BigInt(spawner.output().trim()) - before;
  }

  async resident(id: string): Promise<number> {
    const { spawner } = this.#ready;
    const argv = this.command(this.#bundle('wait'), id);
    spawner.forgetOutput();
    const pid = spawner.start(argv);
    const deadline = Date.now() + startTimeout;
    while (spawner.output() === '') {
      const exit = spawner.poll(pid);
      if (exit) this.#check(exit, argv);
      if (exit || Date.now() > deadline)
        throw new Error(`${this.name} did not start its container`);
      await rest(1);
    }
    await rest(settling);
    const tree = processTree(pid);
    try {
      return residentSize(tree.filter((member) => !isInContainer(member)));
    } finally {
      for (const member of tree.filter(isInContainer)) process.kill(member, 'SIGKILL');
      spawner.wait(pid);
    }
  }

  async close(): Promise<void> {
    this.#prepared?.spawner.close();
  }

  get #ready() {
    if (!this.#prepared) throw new Error(`${this.name} is not prepared`);
    return this.#prepared;
  }

  #bundle(name: 'clock' | 'wait'): Bundle {
    const bundle = this.bundles[name];
    if (!bundle) throw new Error(`the ${name} payload needs a C compiler`);
    return bundle;
  }

  #check(exit: Exit, argv: readonly string[]): void {
    if (exit.code === 0) return;
    const how = exit.signal ? `was killed by signal ${exit.signal}` : `ended with ${exit.code}`;
    throw new Error(`${argv.join(' ')} ${how}: ${this.#ready.spawner.errors().trim()}`);
  }
}
