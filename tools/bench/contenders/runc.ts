import type { Bundle } from '../bundles.ts';
import { findCommand } from '../commands.ts';
import { CommandContender } from './command.ts';

export class Runc extends CommandContender {
  readonly name = 'runc';
  readonly note = 'runc run; it cannot leave cgroups out, so it uses them';

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
