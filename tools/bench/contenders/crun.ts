import { existsSync } from 'node:fs';
import type { Bundle } from '../bundles.ts';
import { findCommand } from '../commands.ts';
import { CommandContender } from './command.ts';

export class Crun extends CommandContender {
  readonly name: string;
  readonly note: string;
  readonly #cgroups: readonly string[];

  constructor(cgroups: 'with cgroups' | 'without cgroups') {
    super();
    const off = cgroups === 'without cgroups';
    this.name = off ? 'crun' : 'crun-cgroups';
    this.note = off ? 'crun run, cgroups off' : 'crun run, cgroups as it has them by default';
    this.#cgroups = off ? ['--cgroup-manager=disabled'] : [];
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
