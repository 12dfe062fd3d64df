import type { Kernel, Memory, Text } from '@oci/kernel';
import type { Resources } from '@oci/spec';
import type { Layout } from '../layout.ts';
import { resourceSettings } from '../resources.ts';
import { copyString } from './dbus/strings.ts';
import { deviceProperties } from './device-properties.ts';
import { callSystemd, runJob } from './exchange.ts';
import { getProperty } from './manager.ts';
import { resourceProperties } from './resource-properties.ts';
import { setUnitProperties, stopUnit } from './unit-calls.ts';

/*
 * Calls made now, of a LiveKernel: they block until systemd has answered, and throw an Error with
 * the name of the D-Bus error where it refuses.
 */

/** A unit that is there, and how to reach the systemd that has it. */
export interface RunningUnit {
  /** Its name: `docker-1234.scope`. */
  readonly name: string;
  /** From `busSocket`. */
  readonly socket: string;
}

export interface UnitUpdate {
  /** What `Cgroup.update` has changed: a quota is told with its period. */
  readonly resources: Resources;
  readonly layout: Layout;
  /** Reads /proc/devices. */
  readonly deviceGroups: () => string;
}

/**
 * Tells systemd of new limits of a unit. It writes them to the cgroup as it has them, a quota in
 * hundredths, so they are to be written there again.
 */
export function updateUnit(
  k: Kernel,
  unit: RunningUnit,
  { resources, layout, deviceGroups }: UnitUpdate,
): void {
  const version = layout.kind === 'unified' ? 2 : 1;
  const properties = [
    ...resourceProperties(resourceSettings(resources, layout).settings),
    ...deviceProperties({ linux: { resources } }, version, deviceGroups),
  ];
  if (properties.length === 0) return;
  const calls = setUnitProperties(unit.name, properties);
  k.doing(`set properties of ${unit.name} by systemd`, () =>
    callSystemd(k, { socket: unit.socket, calls, refused }),
  );
}

/**
 * Has systemd end a unit with all of its processes, and waits until it is gone. One that is gone
 * already is no error.
 */
export function removeUnit(k: Kernel, unit: RunningUnit): void {
  const calls = stopUnit(unit.name);
  try {
    k.doing(`stop ${unit.name} by systemd`, () =>
      runJob(k, { socket: unit.socket, calls, refused }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.message.includes(`: ${NO_SUCH_UNIT}: `))) throw error;
  }
}

const NO_SUCH_UNIT = 'org.freedesktop.systemd1.NoSuchUnit';

/**
 * The cgroup below which an instance of systemd has its units: nothing for the system's, such as
 * `/user.slice/user-1000.slice/user@1000.service` for a user's.
 */
export function managerCgroup(k: Kernel, socket: string): string {
  const path = k.memory('cgroup', 4096);
  k.doing('ask systemd for its cgroup', () =>
    callSystemd(k, { socket, calls: getProperty('ControlGroup'), refused }, ({ content, body }) => {
      // A variant of a string: the signature takes three bytes, and pads to four.
      copyString(k, { memory: content, at: k.compute(body, '+', 4) }, path);
    }),
  );
  const found = textOf(k, path);
  return found === '/' ? '' : found;
}

function textOf(k: Kernel, memory: Memory): string {
  const bytes = Array.from({ length: memory.size }, (_, at) => Number(k.load(memory, at, 1)));
  return Buffer.from(bytes.slice(0, bytes.indexOf(0))).toString();
}

function refused(k: Kernel, reason: Text): void {
  k.fail(reason);
}
