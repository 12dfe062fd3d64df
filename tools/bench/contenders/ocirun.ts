import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bundle } from '../bundles.ts';
import { isExecutable } from '../commands.ts';
import { CommandContender } from './command.ts';
import { type Variant, variantName, variantNote } from './variant.ts';

const runtime = fileURLToPath(new URL('../../../apps/runtime/', import.meta.url));
const ocirun = join(runtime, 'bin/ocirun');

async function notBuilt(): Promise<string | undefined> {
  if (!isExecutable(ocirun)) return 'apps/runtime/bin/ocirun is not there';
  if (!existsSync(join(runtime, 'dist'))) return 'apps/runtime is not built: npm run build';
  return undefined;
}

const withoutCgroups = ['--cgroup-manager', 'disabled'];

/** Where nothing can be kept. */
const nowhere = '/proc';

/** `ocirun run`: Node starts, compiles or finds what was compiled before, and becomes the launcher. */
export class ColdCli extends CommandContender {
  readonly name: string;
  readonly note: string;
  readonly unavailable = notBuilt;
  readonly #compiles: boolean;

  constructor(when: 'for the first time' | 'again') {
    super();
    this.#compiles = when === 'for the first time';
    this.name = this.#compiles ? 'cli-first' : 'cli';
    this.note = `ocirun run of a bundle ${when}, without cgroups, cold: includes the start of Node${this.#compiles ? ' and the compilation' : ''}`;
  }

  protected command(bundle: Bundle, id: string): readonly string[] {
    return [
      '/usr/bin/env',
      `XDG_CACHE_HOME=${this.#compiles ? nowhere : this.directory}`,
      ocirun,
      '--root',
      join(this.directory, 'state'),
      ...withoutCgroups,
      'run',
      '--bundle',
      bundle.directory,
      id,
    ];
  }
}

/** `ocirun compile BUNDLE -o FILE` once; then `FILE ID`. */
export class KeptLauncher extends CommandContender {
  readonly name: string;
  readonly note: string;
  readonly unavailable = notBuilt;
  readonly #files = new Map<Bundle, string>();
  protected override readonly confined: boolean;
  readonly #cgroups: boolean;

  constructor(variant: Variant) {
    super();
    this.confined = variant.seccomp;
    this.#cgroups = variant.cgroups;
    this.name = variantName('launcher', variant);
    this.note = `a launcher kept in a file by ocirun compile, ${variantNote(variant)}`;
  }

  protected override setUp(): void {
    const { bundles } = this;
    for (const bundle of [bundles.exit, bundles.clock, bundles.wait]) {
      if (!bundle) continue;
      const file = join(this.directory, `launcher${bundle.program.replace('/', '-')}`);
      const root = join(this.directory, 'state');
      const global = ['--root', root, ...(this.#cgroups ? [] : withoutCgroups)];
      execFileSync(ocirun, [...global, 'compile', bundle.directory, '-o', file]);
      this.#files.set(bundle, file);
    }
  }
  protected command(bundle: Bundle, id: string): readonly string[] {
    const file = this.#files.get(bundle);
    if (!file) throw new Error(`no launcher was compiled for ${bundle.directory}`);
    return [file, id];
  }
}
