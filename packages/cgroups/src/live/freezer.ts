import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CgroupError, missing, unlessGone } from './errors.ts';
import { CgroupFiles } from './files.ts';

/** How long a cgroup may take to freeze, in milliseconds: runc gives it about as long. */
const PATIENCE = 10_000;
const PAUSE = 10;

export type FreezerState = 'thawed' | 'freezing' | 'frozen';

/** Stops all processes of a cgroup and lets them go on. */
export interface Freezer {
  /** @throws CgroupError MISSING */
  state(): FreezerState;
  /**
   * @throws CgroupError MISSING, or NOT_FROZEN when they do not stop, and lets them go on then.
   */
  freeze(): Promise<void>;
  /** A cgroup that has gone, as one of systemd's does with its last process, is no error. */
  thaw(): Promise<void>;
}

/** admin-guide/cgroup-v1/freezer-subsystem.rst. */
export class LegacyFreezer implements Freezer {
  readonly #files: CgroupFiles;

  constructor(directory: string) {
    this.#files = new CgroupFiles(directory);
  }

  state(): FreezerState {
    const state = this.#files.text('freezer.state') ?? thawedIfThere(this.#files);
    return state === 'FROZEN' ? 'frozen' : state === 'FREEZING' ? 'freezing' : 'thawed';
  }

  /** It may stay FREEZING for as long as new processes are born: each write tries all of them again. */
  async freeze(): Promise<void> {
    await untilFrozen(this, () => this.#write('FROZEN'));
  }

  async thaw(): Promise<void> {
    unlessGone(
      () => this.#write('THAWED'),
      () => {},
    );
  }

  #write(state: string): void {
    writeFileSync(join(this.#files.directory, 'freezer.state'), state);
  }
}

/** admin-guide/cgroup-v2.rst, cgroup.freeze (Linux 5.2). */
export class UnifiedFreezer implements Freezer {
  readonly #files: CgroupFiles;

  constructor(directory: string) {
    this.#files = new CgroupFiles(directory);
  }

  /** Unlike on version 1, what is being frozen can be killed. */
  state(): FreezerState {
    if (this.#files.text('cgroup.events') === undefined) return thawedIfThere(this.#files);
    return this.#files.table('cgroup.events').frozen === 1 ? 'frozen' : 'thawed';
  }

  async freeze(): Promise<void> {
    unlessGone(() => this.#write('1'));
    await untilFrozen(this, () => {});
  }

  async thaw(): Promise<void> {
    unlessGone(
      () => this.#write('0'),
      () => {},
    );
  }

  #write(state: string): void {
    writeFileSync(join(this.#files.directory, 'cgroup.freeze'), state);
  }
}

/** The root of all cgroups has no such file: it cannot be frozen. */
function thawedIfThere({ directory }: CgroupFiles): 'thawed' {
  if (!existsSync(directory)) throw missing();
  return 'thawed';
}

async function untilFrozen(freezer: Freezer, ask: () => void): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    unlessGone(ask);
    if (freezer.state() === 'frozen') return;
    if (Date.now() >= deadline) break;
    await sleep(PAUSE);
  }
  await freezer.thaw();
  throw new CgroupError('NOT_FROZEN', 'unable to freeze: some of its processes do not stop');
}
