import { array, boolean, string } from './dbus/values.ts';
import type { Written } from './dbus/writer.ts';
import { call, jobCall } from './manager.ts';
import { type Property, properties } from './property.ts';

/** A job takes the place of one for the same unit that is still waiting. */
const MODE = string('replace');

/** Starts a unit that exists only while it runs. */
export function startTransientUnit(unit: string, list: readonly Property[]): Written {
  const noOthers = array('(sa(sv))', []);
  return jobCall(unit, 'StartTransientUnit', [string(unit), MODE, properties(list), noOthers]);
}

/** Ends all processes of a unit, and the unit. */
export function stopUnit(unit: string): Written {
  return jobCall(unit, 'StopUnit', [string(unit), MODE]);
}

/** Sets properties until the unit ends, and not in a file. */
export function setUnitProperties(unit: string, list: readonly Property[]): Written {
  return call('SetUnitProperties', [string(unit), boolean(true), properties(list)]);
}
