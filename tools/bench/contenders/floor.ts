import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../bundles.ts';
import { dockerDefaultFilter } from '../docker-profile.ts';
import { compileFloor, compiler } from '../programs.ts';
import { CommandContender } from './command.ts';
import { type Variant, variantName, variantNote } from './variant.ts';

/** Where the controllers of cgroup v1 are; v2 alone has none. */
const hierarchies = '/sys/fs/cgroup';

/** The same kernel calls from C, no more: programs/floor.c. */
export class Floor extends CommandContender {
  readonly name: string;
  readonly note: string;
  readonly #variant: Variant;

  constructor(variant: Variant) {
    super();
    this.#variant = variant;
    this.name = variantName('floor', variant);
    this.note = `C, static glibc: the same kernel calls, nothing else; keeps no state; ${variantNote(variant)}`;
  }

  async unavailable() {
    if (!compiler) return 'cc is not installed';
    if (this.#variant.cgroups && controllers().length === 0)
      return 'its cgroups are of version 1, which this machine has not';
    return undefined;
  }
  protected override setUp(): void {
    compileFloor(this.#program);
    writeFileSync(this.#filter, dockerDefaultFilter());
  }
  protected command({ rootfs, program, binds }: Bundle, id: string): readonly string[] {
    const { cgroups, seccomp } = this.#variant;
    return [
      ...[this.#program, rootfs, program, binds.sources, String(binds.count)],
      seccomp ? this.#filter : '',
      ...(cgroups ? controllers().map((name) => join(hierarchies, name, id)) : []),
    ];
  }
  get #program(): string {
    return join(this.directory, 'floor');
  }
  get #filter(): string {
    return join(this.directory, 'filter');
  }
}

function controllers(): string[] {
  const entries = readdirSync(hierarchies, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'unified')
    .map(({ name }) => name)
    .filter((name) => readdirSync(join(hierarchies, name)).includes('tasks'));
}
