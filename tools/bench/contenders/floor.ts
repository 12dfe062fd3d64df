import { join } from 'node:path';
import type { Bundle } from '../bundles.ts';
import { compileFloor, compiler } from '../programs.ts';
import { CommandContender } from './command.ts';

/** The same kernel calls from C, no more: programs/floor.c. */
export class Floor extends CommandContender {
  readonly name = 'floor';
  readonly note = 'C, static glibc: the same kernel calls, nothing else; keeps no state';

  async unavailable() {
    return compiler ? undefined : 'cc is not installed';
  }
  protected override setUp(): void {
    compileFloor(this.#program);
  }
  protected command(bundle: Bundle): readonly string[] {
    return [this.#program, bundle.rootfs, bundle.program];
  }
  get #program(): string {
    return join(this.directory, 'floor');
  }
}
