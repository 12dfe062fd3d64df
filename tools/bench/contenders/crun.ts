import { existsSync } from 'node:fs';
import type { Bundle } from '../bundles.ts';
import { findCommand } from '../commands.ts';
import { CommandContender } from './command.ts';
import { type Variant, variantName, variantNote } from './variant.ts';

export class Crun extends CommandContender {
  readonly name: string;
  readonly note: string;
  protected override readonly confined: boolean;
  readonly #cgroups: readonly string[];

  constructor(variant: Variant) {
    super();
    this.confined = variant.seccomp;
    this.name = variantName('crun', variant);
    this.note = `crun run, ${variantNote(variant)}`;
    this.#cgroups = variant.cgroups ? [] : ['--cgroup-manager=disabled'];
  }

  async unavailable() {
    if (!findCommand('crun')) return 'crun is not installed';
    if (existsSync('/sys/fs/cgroup/unified/cgroup.procs'))
      return 'crun refuses a hybrid cgroup layout, and it could not be hidden';
    return undefined;
  }
  protected command(bundle: Bundle, id: string): readonly string[] {
    return [
      findCommand('crun') ?? 'crun',
      `--root=${this.directory}/state`,
      ...this.#cgroups,
      'run',
      `--bundle=${bundle.directory}`,
      id,
    ];
  }
}
