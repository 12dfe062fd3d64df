import type { Bundle } from '../bundles.ts';
import { findCommand } from '../commands.ts';
import { CommandContender } from './command.ts';
import { type Variant, variantNote } from './variant.ts';

export class Runc extends CommandContender {
  readonly name: string;
  readonly note: string;
  protected override readonly confined: boolean;

  /** It cannot leave cgroups out. */
  constructor(variant: Variant) {
    super();
    this.confined = variant.seccomp;
    this.name = variant.seccomp ? 'runc-full' : 'runc';
    this.note = `runc run, ${variantNote(variant)}; it cannot leave cgroups out`;
  }

  async unavailable() {
    return findCommand('runc') ? undefined : 'runc is not installed';
  }
  protected command(bundle: Bundle, id: string): readonly string[] {
    return [
      findCommand('runc') ?? 'runc',
      `--root=${this.directory}/state`,
      'run',
      `--bundle=${bundle.directory}`,
      id,
    ];
  }
}
