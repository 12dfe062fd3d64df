import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  busSocket,
  CGROUP_LINK,
  detectLayout,
  type RunningUnit,
  removeUnit,
  updateUnit,
} from '@oci/cgroups';
import { Cgroup, CgroupError } from '@oci/cgroups/live';
import { failedWith } from '@oci/kernel';
import type { Resources } from '@oci/spec';
import { ContainerError } from './errors.ts';

/** What commands do with a container's cgroup. */
export type ContainerCgroup = Pick<
  Cgroup,
  | 'exists'
  | 'freeze'
  | 'isFrozen'
  | 'kill'
  | 'oomEvents'
  | 'processes'
  | 'remove'
  | 'stats'
  | 'thaw'
  | 'update'
>;

/** The path that the launcher left in the state directory before it made the cgroup. */
export function readCgroupPath(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, CGROUP_LINK));
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EINVAL')) return undefined;
    throw error;
  }
}

export function cgroupAt(path: string): ContainerCgroup {
  return Cgroup.at(path);
}

/** @throws ContainerError for a container that was given no cgroup */
export function requireCgroup({
  cgroup,
}: {
  readonly cgroup: ContainerCgroup | undefined;
}): ContainerCgroup {
  if (!cgroup) throw new ContainerError('UNSUPPORTED', 'the container has no cgroup');
  return cgroup;
}

/** Has systemd forget the scope that a cgroup was, so that one of the same name can be started. */
export async function endUnit(unit: RunningUnit): Promise<void> {
  const { LiveKernel } = await import('@oci/kernel/live');
  removeUnit(new LiveKernel(), unit);
}

/** The unit that the cgroup of a half-made container may be: nothing else is known of it yet. */
export function scopeAt(path: string): RunningUnit | undefined {
  const name = basename(path);
  const socket = busSocket(process.geteuid?.() === 0 ? 'system' : 'user', process.env);
  if (!name.endsWith('.scope') || socket === undefined || !existsSync(socket)) return undefined;
  return { name, socket };
}

/** Tells systemd of new limits, which it would undo when it is reloaded. */
export async function updateUnitOf(unit: RunningUnit, resources: Resources): Promise<void> {
  const { LiveKernel } = await import('@oci/kernel/live');
  const deviceGroups = () => readFileSync('/proc/devices', 'utf8');
  updateUnit(new LiveKernel(), unit, { resources, layout: detectLayout(), deviceGroups });
}

/** Whether a container's processes are stopped. One whose cgroup is gone is not. */
export function isFrozen(cgroup: ContainerCgroup): boolean {
  try {
    return cgroup.isFrozen();
  } catch (error) {
    if (error instanceof CgroupError && error.code === 'MISSING') return false;
    throw error;
  }
}
