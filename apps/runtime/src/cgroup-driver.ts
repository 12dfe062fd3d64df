import { readFileSync } from 'node:fs';
import {
  busSocket,
  type CgroupStages,
  cgroupStages,
  checkCgroups,
  checkSystemd,
  managerCgroup,
  type SystemdInstance,
  systemdStages,
  systemdUnit,
  withoutCgroup,
} from '@oci/cgroups';
import type { Fd, Parameter, Pid, Provision } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { type Config, type Issue, SpecError } from '@oci/spec';
import type { CgroupManager } from './cgroup-manager.ts';
import type { Host } from './host.ts';

/** What is known of systemd when a launcher is compiled. */
export interface Systemd {
  readonly instance: SystemdInstance;
  /** The bus that it is on; `undefined` where none is to be found. */
  readonly socket: string | undefined;
  /** The cgroup that a user's instance has its units in. */
  readonly manager: string;
  /** The text of /proc/devices. */
  readonly devices: string;
}

export interface DriverOptions {
  readonly cgroupManager: CgroupManager;
  /** The container's id, which a unit of systemd is named after. */
  readonly id?: string;
}

/** @throws Error when a user's systemd does not answer */
export function readSystemd({ rootless }: Pick<Host, 'rootless'>): Systemd {
  const instance = rootless ? 'user' : 'system';
  const socket = busSocket(instance, process.env);
  const isUsers = instance === 'user' && socket !== undefined;
  return {
    instance,
    socket,
    manager: isUsers ? managerCgroup(new LiveKernel(), socket) : '',
    devices: readFileSync('/proc/devices', 'utf8'),
  };
}

/** What of a config the cgroup driver cannot do. */
export function checkCgroupDriver(
  config: Config,
  { cgroupLayout: layout, rootless, systemd }: Host,
  { cgroupManager, id }: DriverOptions,
): Issue[] {
  if (cgroupManager === 'disabled') return [];
  const context = { layout, rootless };
  if (cgroupManager === 'cgroupfs') return checkCgroups(config, context);
  const unnamed = { ...config, linux: { ...config.linux, cgroupsPath: '' } };
  const instance = systemd?.instance ?? 'system';
  return [
    ...checkSystemd(config, requireId(id), instance, process.env),
    ...checkCgroups(unnamed, context),
  ];
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
  const context = { layout: host.cgroupLayout, rootless: host.rootless, state };
  if (cgroupManager === 'cgroupfs')
    return cgroupStages(config, { ...context, containerId: parameters.id });
  const { instance = 'system', socket = '', manager = '', devices = '' } = host.systemd ?? {};
  const unit = systemdUnit(config, requireId(id), instance);
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
  return { name: systemdUnit(config, requireId(id), instance).name, socket };
}

function requireId(id: string | undefined): string {
  if (id !== undefined) return id;
  const message = 'a unit of systemd is named after its container, which is not known yet';
  throw new SpecError('--systemd-cgroup', [{ path: '', message }]);
}
