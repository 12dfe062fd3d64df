import {
  type Kernel,
  O_WRONLY,
  P_PID,
  type Pid,
  Provision,
  SIGKILL,
  type Stage,
  type Text,
  text,
  WEXITED,
  WNOWAIT,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import type { CgroupsContext } from '../context.ts';
import { attachDeviceProgram } from '../devices/index.ts';
import { cgroupPlan } from '../plan.ts';
import { resourceSettings } from '../resources.ts';
import type { Setting } from '../setting.ts';
import { delegate, delegatee } from '../stages/delegate.ts';
import { type CgroupPlan, makeLegacy, makeUnified, openDirectory } from '../stages/make.ts';
import { type CgroupStages, cgroupStages, keepPath, withoutCgroup } from '../stages.ts';
import { withFile } from '../with-file.ts';
import { writeSettings } from '../write-settings.ts';
import { annotationProperties } from './annotations.ts';
import { deviceProperties } from './device-properties.ts';
import { runJob } from './exchange.ts';
import { resourceProperties } from './resource-properties.ts';
import { type SystemdUnit, unitCgroup } from './unit.ts';
import { startTransientUnit, stopUnit } from './unit-calls.ts';
import { unitProperties } from './unit-properties.ts';

export interface SystemdContext extends Omit<CgroupsContext, 'containerId'> {
  /** From `systemdUnit`. */
  readonly unit: SystemdUnit;
  /** Where a user's systemd has its units, from `managerCgroup`; nothing for the system's. */
  readonly manager?: string;
  /** From `busSocket`. */
  readonly socket: string;
  /** Reads /proc/devices. */
  readonly deviceGroups: () => string;
}

/**
 * What `cgroupStages` gives, for a cgroup that systemd makes: a scope with the container's process
 * in it, whose cgroup is then ours to write to (`Delegate=yes`). systemd is told of the limits that
 * it has properties for; all of them, and the device filter, are set in the cgroup as well.
 *
 * On version 1 systemd moves the process in the hierarchies that it manages; in all of them the
 * scope's cgroup is made, limited and joined afterwards: what systemd finds empty, it removes.
 *
 * A scope ends with its last process, unless that had ended before systemd put it in: so a start that
 * fails has it stopped.
 *
 * @param container its process id, as systemd sees it
 */
export function systemdStages(
  config: Config,
  context: SystemdContext,
  container: Provision<Pid>,
): CgroupStages {
  return context.layout.kind === 'unified'
    ? unifiedStages(config, context, container)
    : legacyStages(config, context, container);
}

function unifiedStages(
  config: Config,
  context: SystemdContext,
  container: Provision<Pid>,
): CgroupStages {
  const { unit, manager, layout, rootless } = context;
  const { unified } = layout;
  if (!unified) throw new TypeError('a unified layout has a hierarchy of version 2');
  const path = unitCgroup(unit, manager);
  const joined = new Provision('cgroup joined');
  const { settings } = resourceSettings(config.linux?.resources ?? {}, layout);
  const owner = delegatee(config, layout);
  const scope = scopeStage(config, context, settings, container, joined);
  const start = startIn(scope, context, path, (k) => {
    const directory = k.doing(`open the cgroup of ${unit.name}`, () =>
      openDirectory(k, `${unified.mountpoint}${path}`),
    );
    writeSettings(k, directory, settings);
    attachDeviceProgram(k, directory, config, { rootless });
    if (owner !== undefined) delegate(k, directory, owner, layout.delegated ?? []);
    k.close(directory);
  });
  return {
    path,
    layout: { kind: layout.kind, hierarchies: [], unified },
    make: [],
    close: [start],
    join: [],
    joined: [joined],
    remove: (k) => endScope(k, context),
  };
}

function legacyStages(
  config: Config,
  context: SystemdContext,
  container: Provision<Pid>,
): CgroupStages {
  const { unit, layout } = context;
  const placed = { ...config, linux: { ...config.linux, cgroupsPath: unitCgroup(unit) } };
  const own = { ...context, containerId: unit.container };
  const plan = cgroupPlan(placed, own);
  if (!plan) return withoutCgroup(layout);
  const { path } = plan.cgroup;
  const joined = new Provision('cgroup joined');
  const { settings } = resourceSettings(config.linux?.resources ?? {}, layout);
  const scope = scopeStage(config, context, settings, container, joined);
  const start = startIn(scope, context, path, (k) =>
    fill(k, { ...plan, occupied: true }, container.value),
  );
  const { layout: used, remove } = cgroupStages(placed, own);
  return {
    path,
    layout: used,
    make: [],
    close: [start],
    join: [],
    joined: [joined],
    remove: (k) => {
      endScope(k, context);
      return remove(k);
    },
  };
}

/** Starts a scope whose path is kept before, and sets up its cgroup. */
function startIn(
  scope: Stage,
  { state }: Pick<SystemdContext, 'state'>,
  path: Text,
  setUp: (k: Kernel) => void,
): Stage {
  return {
    ...scope,
    run: (k) => {
      if (state) keepPath(k, state.value, path);
      scope.run(k);
      setUp(k);
    },
  };
}

/** Makes a cgroup in the hierarchies that systemd does not manage as well, and moves a process there. */
function fill(k: Kernel, plan: CgroupPlan, pid: Pid): void {
  const { legacy, unified } = plan;
  const tasks = legacy.map((hierarchy) => makeLegacy(k, hierarchy, plan));
  const directory = unified && makeUnified(k, unified, plan);
  k.undo(() => {
    // Before they can be removed.
    k.kill(pid, SIGKILL, { allow: ['ESRCH'] });
    k.waitid(P_PID, pid, null, WEXITED | WNOWAIT);
  });
  for (const [index, fd] of tasks.entries()) {
    k.doing(`put the container into its cgroup in ${legacy[index]?.mountpoint}`, () =>
      k.writeText(fd, text`${pid}`),
    );
    k.close(fd);
  }
  if (directory === undefined) return;
  withFile(k, directory, 'cgroup.procs', O_WRONLY, (fd) => k.writeText(fd, text`${pid}`));
  k.close(directory);
}

/** Asks systemd for the scope, and waits until the container is in it. */
export function scopeStage(
  config: Pick<Config, 'linux' | 'annotations'>,
  { unit, socket, layout, state, deviceGroups }: Omit<SystemdContext, 'rootless'>,
  settings: readonly Setting[],
  container: Provision<Pid>,
  started: Provision,
): Stage {
  const version = layout.kind === 'unified' ? 2 : 1;
  const calls = startTransientUnit(unit.name, [
    ...unitProperties(unit, version),
    ...resourceProperties(settings),
    ...deviceProperties(config, version, deviceGroups),
    ...annotationProperties(config),
  ]);
  return {
    name: 'cgroups.systemd',
    lane: 'host',
    category: 'Cgroups',
    needs: state ? [container, state] : [container],
    provides: [started],
    run: (k) => {
      k.doing(`linux.cgroupsPath: start ${unit.name} by systemd`, () =>
        runJob(k, { socket, calls, filling: container.value, refused: sayFirst }),
      );
      k.undo(() => {
        // systemd asks it to end first, and the first process of a pid namespace need not listen.
        k.kill(container.value, SIGKILL, { allow: ['ESRCH'] });
        endScope(k, { unit, socket });
      });
      started.provide();
    },
  };
}

/** What systemd says is known only when it runs, and failure messages are laid out before. */
function sayFirst(k: Kernel, reason: Text): void {
  k.writeText(2, text`ocirun: systemd: ${reason}\n`);
  k.fail('systemd refused');
}

/**
 * Waits until systemd has forgotten a scope whose process has ended, so that one of the same name
 * can be started. Mostly it has already, and that there is none is its answer.
 */
function endScope(k: Kernel, { unit, socket }: Pick<SystemdContext, 'unit' | 'socket'>): number {
  k.doing(`stop ${unit.name} by systemd`, () =>
    runJob(k, { socket, calls: stopUnit(unit.name), refused: () => {} }),
  );
  return 0;
}
