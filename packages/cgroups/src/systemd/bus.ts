import type { Issue } from '@oci/spec';
import type { SystemdInstance } from './unit.ts';

/** What decides where the buses are: a part of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the bus of the system is unless the environment says otherwise (D-Bus specification). */
const SYSTEM_SOCKET = '/run/dbus/system_bus_socket';

/** sockaddr_un takes no longer path. */
const PATH_BYTES = 107;

/** The socket of the bus that an instance of systemd is on; undefined where there is none to find. */
export function busSocket(instance: SystemdInstance, environment: Environment): string | undefined {
  const { DBUS_SYSTEM_BUS_ADDRESS, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = environment;
  if (instance === 'system')
    return DBUS_SYSTEM_BUS_ADDRESS ? socketOf(DBUS_SYSTEM_BUS_ADDRESS) : SYSTEM_SOCKET;
  if (DBUS_SESSION_BUS_ADDRESS) return socketOf(DBUS_SESSION_BUS_ADDRESS);
  return XDG_RUNTIME_DIR ? `${XDG_RUNTIME_DIR}/bus` : undefined;
}

/** What is wrong with where the bus is said to be. */
export function checkBus(instance: SystemdInstance, environment: Environment): Issue[] {
  const socket = busSocket(instance, environment);
  if (socket !== undefined && Buffer.byteLength(socket) <= PATH_BYTES) return [];
  const [address, otherwise] =
    instance === 'system'
      ? ['DBUS_SYSTEM_BUS_ADDRESS', '']
      : ['DBUS_SESSION_BUS_ADDRESS', ', or XDG_RUNTIME_DIR, must be set and'];
  return [
    {
      path: 'linux.cgroupsPath',
      message: `for systemd, ${address}${otherwise} must name a Unix socket by its path`,
    },
  ];
}

/** The first address of a list that is a path: `unix:path=/run/user/1000/bus,guid=…;tcp:…`. */
function socketOf(addresses: string): string | undefined {
  for (const address of addresses.split(';')) {
    const [, keys = ''] = /^unix:(.*)$/.exec(address) ?? [];
    const path = keys.split(',').find((key) => key.startsWith('path='));
    if (path !== undefined) return unescaped(path.slice('path='.length));
  }
  return undefined;
}

/** D-Bus specification, "Server Addresses": `%20` is a space. */
function unescaped(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
