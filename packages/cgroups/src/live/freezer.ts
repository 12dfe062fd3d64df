import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CgroupError, failedWith } from './errors.ts';
import { CgroupFiles } from './files.ts';

/** How long a cgroup may take to freeze, in milliseconds: runc gives it about as long. */
const PATIENCE = 10_000;
const PAUSE = 10;

/** Stops all processes of a cgroup and lets them go on. */
export interface Freezer {
  isFrozen(): boolean;
  /** @throws CgroupError NOT_FROZEN, and lets them go on, when they do not stop. */
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

  isFrozen(): boolean {
    return this.#files.text('freezer.state') === 'FROZEN';
  }

  /** It may stay FREEZING for as long as new processes are born: each write tries all of them again. */
  async freeze(): Promise<void> {
    await untilFrozen(this, () => this.#write('FROZEN'));
  }

  async thaw(): Promise<void> {
    unlessGone(() => this.#write('THAWED'));
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

  isFrozen(): boolean {
    return this.#files.table('cgroup.events').frozen === 1;
  }

  async freeze(): Promise<void> {
    this.#write('1');
    await untilFrozen(this, () => {});
  }

  async thaw(): Promise<void> {
    unlessGone(() => this.#write('0'));
  }

  #write(state: string): void {
    writeFileSync(join(this.#files.directory, 'cgroup.freeze'), state);
  }
}

function unlessGone(write: () => void): void {
  try {
    write();
  } catch (error) {
    // ENODEV: it is being removed.
    if (!failedWith(error, 'ENOENT', 'ENODEV')) throw error;
  }
}

async function untilFrozen(freezer: Freezer, ask: () => void): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    ask();
    if (freezer.isFrozen()) return;
    if (Date.now() >= deadline) break;
    await sleep(PAUSE);
  }
  await freezer.thaw();
  throw new CgroupError('NOT_FROZEN', 'unable to freeze: some of its processes do not stop');
}
