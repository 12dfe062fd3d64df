import { methodCall, sequence } from './dbus/message.ts';
import { type DBusValue, string } from './dbus/values.ts';
import type { Written } from './dbus/writer.ts';

/** org.freedesktop.systemd1(5), the Manager object. */
const manager = {
  destination: 'org.freedesktop.systemd1',
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
} as const;

/** The serial of the one call whose answer counts. */
export const CALL = 2;
/** Those of the calls that nobody answers. */
const [MATCH, SUBSCRIBE, RESET] = [3, 4, 5];

/** A call of the manager whose answer counts. */
export function call(member: string, body: readonly DBusValue[]): Written {
  return methodCall({ ...manager, serial: CALL, member, body });
}

/**
 * A call that starts a job for a unit. Before, it asks to be told when a job for this unit is over:
 * the bus has to be told to pass that on, and systemd to say it at all. Without a leftover of the
 * same name that failed: systemd keeps those.
 */
export function jobCall(unit: string, member: string, body: readonly DBusValue[]): Written {
  const rule = [
    "type='signal'",
    `sender='${manager.destination}'`,
    `path='${manager.path}'`,
    `interface='${manager.interface}'`,
    "member='JobRemoved'",
    `arg2='${unit}'`,
  ].join(',');
  return sequence([
    methodCall({
      serial: MATCH,
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      body: [string(rule)],
      noReply: true,
    }),
    methodCall({ ...manager, serial: SUBSCRIBE, member: 'Subscribe', noReply: true }),
    resetFailed(unit),
    call(member, body),
  ]);
}

/** Lets systemd forget that a unit failed. */
function resetFailed(unit: string): Written {
  return methodCall({
    ...manager,
    serial: RESET,
    member: 'ResetFailedUnit',
    body: [string(unit)],
    noReply: true,
  });
}

/** Asks for a property of the manager; the reply is a variant. */
export function getProperty(name: string): Written {
  return methodCall({
    ...manager,
    interface: 'org.freedesktop.DBus.Properties',
    serial: CALL,
    member: 'Get',
    body: [string(manager.interface), string(name)],
  });
}
