import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LiveKernel } from '@oci/kernel/live';
import type { Config, Resources } from '@oci/spec';
import { detectLayout } from '../detect-layout.ts';
import { allHierarchies, type Layout } from '../layout.ts';
import { components, faultOf } from '../path.ts';
import { cgroupPlan, checkCgroups } from '../plan.ts';
import { parseProcCgroup } from '../proc-cgroup.ts';
import { makeLegacy, makeUnified } from '../stages/make.ts';
import { CgroupError, missing, unlessGone } from './errors.ts';
import { CgroupFiles } from './files.ts';
import { type Freezer, LegacyFreezer, UnifiedFreezer } from './freezer.ts';
import { legacyStats } from './legacy-stats.ts';
import { filesOf, isThere, type Member, memberOf, unifiedOf } from './members.ts';
import { legacyOomEvents, type OomEvents, unifiedOomEvents } from './oom.ts';
import { processesBelow, signal } from './processes.ts';
import { removeDirectory } from './remove.ts';
import type { CgroupStats } from './stats.ts';
import { unifiedStats } from './unified-stats.ts';
import { refuse, updateCgroup } from './update.ts';

const SIGKILL = 9;

export interface CgroupOptions {
  /** How cgroups are laid out here; found out unless given. */
  readonly layout?: Layout;
}

export interface CreateOptions extends CgroupOptions {
  /** Its limits: `linux.resources` of a config. */
  readonly resources?: Resources;
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

  /**
   * The cgroup of this path below the mountpoints: `/docker/box`. It need not exist. The root of all
   * cgroups, `/` or nothing, can be looked at, and that is all.
   *
   * @throws CgroupError INVALID_PATH for one that climbs out
   */
  static at(path: string, { layout = detectLayout() }: CgroupOptions = {}): Cgroup {
    const names = components(path);
    if (names.includes('..'))
      throw new CgroupError('INVALID_PATH', `cgroup ${path}: ${faultOf(path)}`);
    const members = allHierarchies(layout).map((hierarchy) => ({
      hierarchy,
      directory: join(hierarchy.mountpoint, ...names),
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
    // Unlike a config, it may not leave the path out.
    const cgroupsPath = path === '' ? '/' : path;
    const config: Config = { ociVersion: '1.3.0', linux: { cgroupsPath, resources } };
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
   * The cgroup that a process is in, in those hierarchies where that is not the root.
   *
   * @throws Error ENOENT when there is no such process
   * @throws CgroupError MISSING when it cannot be seen from the caller's cgroup namespace
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
      const names = found && components(found.path);
      if (!names || names.includes('..')) return [];
      return [{ hierarchy, directory: join(hierarchy.mountpoint, ...names) }];
    });
    if (members.length === 0) throw missing();
    const below = members.filter((member) => !isRoot(member));
    return new Cgroup(layout, below.length > 0 ? below : members);
  }

  /** Its directories, by the hierarchy's mountpoint. */
  get directories(): ReadonlyMap<string, string> {
    return new Map(
      this.#members.map(({ hierarchy, directory }) => [hierarchy.mountpoint, directory]),
    );
  }

  /** Whether it is there, in any hierarchy. */
  exists(): boolean {
    return this.#members.some(isThere);
  }

  /** Puts a process in, with all its threads, in all hierarchies that it is made in. */
  add(pid: number): void {
    const there = this.#members.filter(isThere);
    if (there.length === 0) throw missing();
    for (const { directory } of there) writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  }

  /**
   * Changes limits; what is not named stays as it is, and all does when something is refused, as far
   * as it can be set back.
   *
   * @returns what was changed, with what it depends on: a quota has its period, as it is now
   * @throws SpecError for limits that this host has nothing for, or that are used up already
   * @throws KernelError for what the kernel refuses, with its JSON path
   * @throws CgroupError MISSING, ROOT
   */
  update(resources: Resources): Resources {
    this.#refuseRoot();
    return updateCgroup(this.#members, this.layout, resources);
  }

  /** What it has used until now. @throws CgroupError MISSING */
  stats(): CgroupStats {
    if (!this.exists()) throw missing();
    const unified = unifiedOf(this.#members);
    if (unified && this.layout.kind === 'unified') {
      return unifiedStats(new CgroupFiles(unified.directory));
    }
    return legacyStats((controller) => filesOf(this.#members, controller));
  }

  /** The processes in it and in cgroups below it. */
  processes(): number[] {
    const { directory } = this.#tracking();
    return processesBelow(directory);
  }

  /** Whether its processes have stopped, or are about to. @throws CgroupError MISSING */
  isFrozen(): boolean {
    return this.#freezer().state() !== 'thawed';
  }

  /** Stops all its processes. @throws CgroupError NOT_FROZEN when they do not, MISSING, ROOT */
  async freeze(): Promise<void> {
    this.#refuseRoot();
    await this.#freezer().freeze();
  }

  async thaw(): Promise<void> {
    await this.#freezer().thaw();
  }

  /**
   * Sends a signal to all its processes, also to those that are being born: by cgroup.kill (Linux
   * 5.14) where that does it, else while they are frozen.
   *
   * @throws CgroupError MISSING, ROOT
   */
  async kill(number = SIGKILL): Promise<void> {
    this.#refuseRoot();
    if (number === SIGKILL && this.#killAtOnce() && this.#isEmpty()) return;
    const freezer = this.#freezer();
    const wasFrozen = freezer.state() !== 'thawed';
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
   * @throws CgroupError BUSY when others still use it: then it stays; ROOT
   */
  async remove({ patience = 1000 }: { readonly patience?: number } = {}): Promise<void> {
    this.#refuseRoot();
    const left = Date.now() + patience;
    for (const { directory } of this.#members)
      await removeDirectory(directory, Math.max(left - Date.now(), 0));
  }

  /**
   * Yields whenever its processes run out of memory, until it is gone or `signal` is aborted.
   *
   * @throws CgroupError UNSUPPORTED without a memory controller, MISSING
   */
  oomEvents({ signal }: { readonly signal?: AbortSignal } = {}): OomEvents {
    const memory = memberOf(this.#members, 'memory');
    if (!memory) throw new CgroupError('UNSUPPORTED', 'there is no memory controller');
    if (!isThere(memory)) throw missing();
    const { hierarchy, directory } = memory;
    return hierarchy.version === 2
      ? unifiedOomEvents(directory, signal)
      : legacyOomEvents(directory, new LiveKernel(), signal);
  }

  /** Where its processes are counted: all hierarchies should have the same. */
  #tracking(): Member {
    const members = this.#members;
    const legacy = ['freezer', 'devices', 'pids', 'memory'].map((name) => memberOf(members, name));
    const isUnified = this.layout.kind === 'unified';
    const [first] = [...(isUnified ? [] : legacy), unifiedOf(members), ...members].filter(
      (member) => member !== undefined && isThere(member),
    );
    if (!first) throw missing();
    return first;
  }

  #freezer(): Freezer {
    const legacy = memberOf(this.#members, 'freezer');
    if (legacy) return new LegacyFreezer(legacy.directory);
    const unified = unifiedOf(this.#members);
    if (unified) return new UnifiedFreezer(unified.directory);
    throw new CgroupError('UNSUPPORTED', 'there is no freezer');
  }

  /** False where the kernel has no cgroup.kill. */
  #killAtOnce(): boolean {
    const unified = unifiedOf(this.#members);
    const file = unified && join(unified.directory, 'cgroup.kill');
    if (file === undefined || !existsSync(file)) return false;
    unlessGone(() => writeFileSync(file, '1'));
    return true;
  }

  /** systemd removes one of its own as soon as nobody is left. */
  #isEmpty(): boolean {
    return !this.exists() || this.processes().length === 0;
  }

  #refuseRoot(): void {
    if (!this.#members.some(isRoot)) return;
    throw new CgroupError('ROOT', 'the root of all cgroups is not limited, stopped or removed');
  }
}

function isRoot({ hierarchy, directory }: Member): boolean {
  return directory === join(hierarchy.mountpoint);
}
