import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launcher } from '@oci/runtime';
import type { Bundle } from '../bundles.ts';
import type { Contender, Workplace } from '../contender.ts';
import { figureNames } from '../figures.ts';

/** `@oci/runtime` in this process: each bundle compiled once, started many times. */
export class Library implements Contender {
  readonly name = 'library';
  readonly note = '@oci/runtime in a warm Node process, compiled once, without cgroups';
  readonly figures = figureNames;
  #prepared:
    | {
        readonly exit: Launcher;
        readonly clock: Launcher | undefined;
        readonly output: { readonly fd: number; readonly path: string };
      }
    | undefined;

  async unavailable(): Promise<string | undefined> {
    try {
      await loadRuntime();
      return undefined;
    } catch {
      return '@oci/runtime does not load: npm run build';
    }
  }

  async prepare({ directory, bundles }: Workplace): Promise<void> {
    const { compile } = await loadRuntime();
    const launcher = (bundle: Bundle) =>
      compile(bundle.directory, {
        root: join(directory, 'library-state'),
        cgroupManager: 'disabled',
      });
    const path = join(directory, 'library.stdout');
    this.#prepared = {
      exit: launcher(bundles.exit),
      clock: bundles.clock && launcher(bundles.clock),
      output: { path, fd: openSync(path, 'a') },
    };
  }

  async life(id: string): Promise<bigint> {
    const { exit } = this.#ready;
    const before = process.hrtime.bigint();
    await this.#run(exit, id);
    return process.hrtime.bigint() - before;
  }

  async coldStart(id: string): Promise<bigint> {
    const { clock, output } = this.#ready;
    if (!clock) throw new Error('the clock payload needs a C compiler');
    ftruncateSync(output.fd);
    const before = process.hrtime.bigint();
    await this.#run(clock, id);
    return BigInt(readFileSync(output.path, 'utf8').trim()) - before;
  }

  async close(): Promise<void> {
    this.#prepared?.exit.close();
    this.#prepared?.clock?.close();
    if (this.#prepared) closeSync(this.#prepared.output.fd);
  }

  get #ready() {
    if (!this.#prepared) throw new Error('the library is not prepared');
    return this.#prepared;
  }

  async #run(launcher: Launcher, id: string): Promise<void> {
    const stdio = ['ignore', this.#ready.output.fd, 'inherit'] as const;
    const { code } = await launcher.start(id, { stdio }).exited;
    if (code !== 0) throw new Error(`the library's container ended with ${code}`);
  }
}

/** As users load it, from what was built; and only when it is measured, for nothing else needs it. */
function loadRuntime() {
  return import('@oci/runtime');
}
