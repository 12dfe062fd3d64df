import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LiveKernel } from '@oci/kernel/live';
import { type Config, type Issue, type Resources, SpecError } from '@oci/spec';
import { detectLayout } from '../detect-layout.ts';
import { attachDeviceProgram, deviceSettings } from '../devices/index.ts';
import { allHierarchies, type Hierarchy, type Layout } from '../layout.ts';
import { cgroupPlan, checkCgroups } from '../plan.ts';
import { parseProcCgroup } from '../proc-cgroup.ts';
import { resourceSettings } from '../resources.ts';
import type { Setting } from '../setting.ts';
import { makeLegacy, makeUnified, openDirectory } from '../stages/make.ts';
import { completeForUnified } from './complete.ts';
import { CgroupError } from './errors.ts';
import { CgroupFiles } from './files.ts';
import { type Freezer, LegacyFreezer, UnifiedFreezer } from './freezer.ts';
import { legacyStats } from './legacy-stats.ts';
import { legacyOomEvents, type OomEvents, unifiedOomEvents } from './oom.ts';
import { processesBelow, signal } from './processes.ts';
import { removeDirectory } from './remove.ts';
import type { CgroupStats } from './stats.ts';
import { unifiedStats } from './unified-stats.ts';
import { updateSettings } from './update.ts';

const SIGKILL = 9;

export interface CgroupOptions {
  /** How cgroups are laid out here; found out unless given. */
  readonly layout?: Layout;
}

export interface CreateOptions extends CgroupOptions {
  /** Its limits: `linux.resources` of a config. */
  readonly resources?: Resources;
}

/** A cgroup's directory in one hierarchy. */
interface Member {
  readonly hierarchy: Hierarchy;
  readonly directory: string;
}

/**
 * A cgroup, in all hierarchies that this host has.
 *
 * What stages do too is done by their code, on a live kernel; what only commands do, by Node's own
 * file functions.
 */
export class Cgroup {
  readonly layout: Layout;
  readonly #members: readonly Member[];

  private constructor(layout: Layout, members: readonly Member[]) {
    this.layout = layout;
    this.#members = members;
  }

  /** The cgroup of this path below the mountpoints: `/docker/box`. It need not exist. */
  static at(path: string, { layout = detectLayout() }: CgroupOptions = {}): Cgroup {
    const members = allHierarchies(layout).map((hierarchy) => ({
      hierarchy,
      directory: join(hierarchy.mountpoint, path),
    }));
    return new Cgroup(layout, members);
  }

  /**
   * Makes a cgroup, and those above it that are not there.
   *
   * @throws SpecError for limits that this host has nothing for
   * @throws KernelError for what the kernel refuses, with its JSON path; nothing is left then
   */
  static create(path: string, options: CreateOptions = {}): Cgroup {
    const { layout = detectLayout(), resources = {} } = options;
    const config: Config = { ociVersion: '1.3.0', linux: { cgroupsPath: path, resources } };
    refuse(checkCgroups(config, { layout }));
    const plan = cgroupPlan(config, { layout, rootless: false, containerId: '' });
    if (!plan) throw new CgroupError('UNSUPPORTED', 'no cgroups are mounted');
    const kernel = new LiveKernel();
    kernel.transaction(() => {
      for (const hierarchy of plan.legacy) kernel.close(makeLegacy(kernel, hierarchy, plan));
      if (plan.unified) kernel.close(makeUnified(kernel, plan.unified, plan));
    });
    return Cgroup.at(String(plan.cgroup.path), { layout });
  }

  /**
   * The cgroup that a process is in.
   * @throws Error ENOENT when there is no such process
   */
  static ofProcess(pid: number, { layout = detectLayout() }: CgroupOptions = {}): Cgroup {
    const memberships = parseProcCgroup(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
    const members = allHierarchies(layout).flatMap((hierarchy) => {
      const found = memberships.find(
        ({ version, controllers, name }) =>
          version === hierarchy.version &&
          (version === 2 ||
            (name === hierarchy.name && controllers.join() === hierarchy.controllers.join())),
      );
      return found ? [{ hierarchy, directory: join(hierarchy.mountpoint, found.path) }] : [];
    });
    return new Cgroup(layout, members);
  }

  /** Its directories, by the hierarchy's mountpoint. */
  get directories(): ReadonlyMap<string, string> {
    return new Map(
      this.#members.map(({ hierarchy, directory }) => [hierarchy.mountpoint, directory]),
    );
  }

  /** Whether it is there, in any hierarchy. */
  exists(): boolean {
    return this.#members.some(({ directory }) => existsSync(directory));
  }

  /** Puts a process in, with all its threads, in all hierarchies that it is made in. */
  add(pid: number): void {
    const there = this.#members.filter(({ directory }) => existsSync(directory));
    if (there.length === 0) throw new CgroupError('MISSING', 'there is no such cgroup');
    for (const { directory } of there) writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  }

  /**
   * Changes limits; what is not named stays as it is.
   *
   * @throws SpecError for limits that this host has nothing for, or that are used up already
   * @throws KernelError for what the kernel refuses, with its JSON path
   */
  update(resources: Resources): void {
    const wanted = this.#completed(resources);
    const { settings, issues } = resourceSettings(wanted, this.layout);
    refuse(issues.length > 0 ? issues : this.#usedUp(wanted));
    refuse(this.#missing(settings));
    const kernel = new LiveKernel();
    for (const { hierarchy, directory } of this.#members) {
      const own = settings.filter(({ controller }) => isIn(hierarchy, controller));
      if (own.length > 0) updateSettings(kernel, directory, own);
    }
    if (resources.devices) this.#updateDevices(kernel, resources);
  }

  /** What it has used until now. */
  stats(): CgroupStats {
    const unified = this.#unified();
    if (unified && this.layout.kind === 'unified') {
      return unifiedStats(new CgroupFiles(unified.directory));
    }
    return legacyStats((controller) => this.#filesOf(controller));
  }

  /** The processes in it and in cgroups below it. */
  processes(): number[] {
    const { directory } = this.#tracking();
    return processesBelow(directory);
  }

  isFrozen(): boolean {
    return this.#freezer().isFrozen();
  }

  /** Stops all its processes. @throws CgroupError NOT_FROZEN when they do not */
  async freeze(): Promise<void> {
    await this.#freezer().freeze();
  }

  async thaw(): Promise<void> {
    await this.#freezer().thaw();
  }

  /**
   * Sends a signal to all its processes, also to those that are being born: by cgroup.kill (Linux
   * 5.14) where that does it, else while they are frozen.
   */
  async kill(number = SIGKILL): Promise<void> {
    if (number === SIGKILL && this.#killAtOnce() && this.processes().length === 0) return;
    const freezer = this.#freezer();
    const wasFrozen = freezer.isFrozen();
    if (!wasFrozen) await freezer.freeze();
    try {
      for (const pid of this.processes()) signal(pid, number);
    } finally {
      // A frozen process does not even die.
      if (!wasFrozen || number === SIGKILL) await freezer.thaw();
    }
  }

  /**
   * Removes it and those below it.
   *
   * @param options.patience how long it may still be in use, in milliseconds
   * @throws CgroupError BUSY when others still use it: then it stays
   */
  async remove({ patience = 1000 }: { readonly patience?: number } = {}): Promise<void> {
    const left = Date.now() + patience;
    for (const { directory } of this.#members)
      await removeDirectory(directory, Math.max(left - Date.now(), 0));
  }

  /** Yields whenever its processes run out of memory, until it is gone or `signal` is aborted. */
  oomEvents({ signal }: { readonly signal?: AbortSignal } = {}): OomEvents {
    const memory = this.#member('memory');
    if (!memory) throw new CgroupError('UNSUPPORTED', 'there is no memory controller');
    const { hierarchy, directory } = memory;
    return hierarchy.version === 2
      ? unifiedOomEvents(directory, signal)
      : legacyOomEvents(directory, new LiveKernel(), signal);
  }

  #member(controller: string): Member | undefined {
    return this.#members.find(({ hierarchy }) => hierarchy.controllers.includes(controller));
  }

  #unified(): Member | undefined {
    return this.#members.find(({ hierarchy }) => hierarchy.version === 2);
  }

  /** Where its processes are counted: all hierarchies should have the same. */
  #tracking(): Member {
    const legacy = ['freezer', 'devices', 'pids', 'memory'].map((name) => this.#member(name));
    const isUnified = this.layout.kind === 'unified';
    const [first] = [...(isUnified ? [] : legacy), this.#unified(), ...this.#members].filter(
      (member) => member !== undefined && existsSync(member.directory),
    );
    if (!first) throw new CgroupError('MISSING', 'there is no such cgroup');
    return first;
  }

  #filesOf(controller: string): CgroupFiles | undefined {
    const member = this.#member(controller);
    return member && new CgroupFiles(member.directory);
  }

  #freezer(): Freezer {
    const legacy = this.#member('freezer');
    if (legacy) return new LegacyFreezer(legacy.directory);
    const unified = this.#unified();
    if (unified) return new UnifiedFreezer(unified.directory);
    throw new CgroupError('UNSUPPORTED', 'there is no freezer');
  }

  /** False where the kernel has no cgroup.kill. */
  #killAtOnce(): boolean {
    const file = join(this.#unified()?.directory ?? '', 'cgroup.kill');
    if (!this.#unified() || !existsSync(file)) return false;
    writeFileSync(file, '1');
    return true;
  }

  #completed(resources: Resources): Resources {
    const unified = this.#unified();
    if (!unified || this.layout.kind !== 'unified') return resources;
    return completeForUnified(resources, new CgroupFiles(unified.directory));
  }

  /** Settings for hierarchies that it was not made in. */
  #missing(settings: readonly Setting[]): Issue[] {
    const absent = this.#members.filter(({ directory }) => !existsSync(directory));
    return settings
      .filter(({ controller }) => absent.some(({ hierarchy }) => isIn(hierarchy, controller)))
      .map(({ path, controller }) => ({ path, message: `it has no cgroup of ${controller}` }));
  }

  /** config-linux.md, checkBeforeUpdate: version 2 would kill processes, version 1 refuses. */
  #usedUp({ memory = {} }: Resources): Issue[] {
    const { limit, checkBeforeUpdate } = memory;
    const usage = this.#filesOf('memory')?.number('memory.current');
    if (!checkBeforeUpdate || limit === undefined || usage === undefined) return [];
    if (Number(limit) <= 0 || Number(limit) >= usage) return [];
    const message = `is below the ${usage} bytes that are in use`;
    return [{ path: 'linux.resources.memory.limit', message }];
  }

  #updateDevices(kernel: LiveKernel, resources: Resources): void {
    const legacy = this.#member('devices');
    const config = { linux: { resources } };
    if (legacy) {
      updateSettings(kernel, legacy.directory, deviceSettings(config, { existing: true }));
      return;
    }
    const unified = this.#unified();
    if (!unified) return;
    const fd = openDirectory(kernel, unified.directory);
    try {
      attachDeviceProgram(kernel, fd, config);
    } finally {
      kernel.close(fd);
    }
  }
}

function isIn({ version, controllers }: Hierarchy, controller: string): boolean {
  return controller === 'cgroup' ? version === 2 : controllers.includes(controller);
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new SpecError('cgroup', issues);
}
