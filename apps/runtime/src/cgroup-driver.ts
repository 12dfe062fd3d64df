import {
  type CgroupStages,
  cgroupStages,
  checkCgroups,
  checkSystemd,
  resourceSettings,
  systemdStages,
  systemdUnit,
  withoutCgroup,
} from '@oci/cgroups';
import type { Fd, Parameter, Pid, Provision } from '@oci/kernel';
import { type Config, type Issue, SpecError } from '@oci/spec';
import type { CgroupManager } from './cgroup-manager.ts';
import type { Host } from './host.ts';

export interface DriverOptions {
  readonly cgroupManager: CgroupManager;
  /** The container's id, after which a unit of systemd is named that the config does not name. */
  readonly id?: string;
}

/** What of a config the cgroup driver cannot do. */
export function checkCgroupDriver(
  config: Config,
  { cgroupLayout: layout, rootlessCgroups: rootless, systemd }: Host,
  { cgroupManager, id }: DriverOptions,
): Issue[] {
  if (cgroupManager === 'disabled') return [];
  const context = { layout, rootless };
  if (cgroupManager === 'cgroupfs') return checkCgroups(config, context);
  const unnamed = { ...config, linux: { ...config.linux, cgroupsPath: '' } };
  const instance = systemd?.instance ?? 'system';
  return [
    ...checkSystemd(config, unitId(config, id), instance, process.env),
    ...checkCgroups(unnamed, context),
  ];
}

/** Limits that a container does not get, because it is asked for that it has no cgroup. */
export function cgroupWarnings(
  config: Config,
  { cgroupLayout }: Host,
  { cgroupManager }: DriverOptions,
): Issue[] {
  if (cgroupManager !== 'disabled') return [];
  const { settings } = resourceSettings(config.linux?.resources ?? {}, cgroupLayout);
  const paths = new Set(settings.map(({ path }) => path));
  return [...paths].map((path) => ({ path, message: 'is not so: the container has no cgroup' }));
}

/** The stages of the driver that was chosen. */
export function cgroupDriverStages(
  config: Config,
  host: Host,
  parameters: { readonly id: Parameter },
  state: Provision<Fd>,
  container: Provision<Pid>,
  { cgroupManager, id }: DriverOptions,
): CgroupStages {
  if (cgroupManager === 'disabled') return withoutCgroup(host.cgroupLayout);
  const context = { layout: host.cgroupLayout, rootless: host.rootlessCgroups, state };
  if (cgroupManager === 'cgroupfs')
    return cgroupStages(config, { ...context, containerId: parameters.id });
  const { instance = 'system', socket = '', manager = '', devices = '' } = host.systemd ?? {};
  const unit = systemdUnit(config, unitId(config, id), instance);
  const deviceGroups = () => devices;
  return systemdStages(config, { ...context, unit, socket, manager, deviceGroups }, container);
}

/** The unit of a container, and the bus of the systemd that has it, where one makes its cgroup. */
export function unitOf(
  config: Config,
  host: Host,
  { cgroupManager, id }: DriverOptions,
): { readonly name: string; readonly socket: string } | undefined {
  if (cgroupManager !== 'systemd') return undefined;
  const { instance = 'system', socket = '' } = host.systemd ?? {};
  return { name: systemdUnit(config, unitId(config, id), instance).name, socket };
}

/** The id that a unit is named after, where the config does not name it. */
function unitId({ linux }: Config, id: string | undefined): string {
  if (linux?.cgroupsPath) return id ?? '';
  if (id !== undefined) return id;
  const message =
    'without linux.cgroupsPath a unit of systemd is named after its container, which is not known yet';
  throw new SpecError('--systemd-cgroup', [{ path: '', message }]);
}
