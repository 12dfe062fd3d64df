import { S_IFBLK, S_IFCHR, S_IFIFO } from '@oci/kernel';
import type { Device } from '@oci/spec';
import type { MountsConfig } from './context.ts';
import { insideRoot } from './paths.ts';
import type { DeviceNumber } from './statx.ts';

/** A node to be made. */
export interface DeviceNode extends DeviceNumber {
  /** What a failure message starts with. */
  readonly what: string;
  /** By `linux.devices`: the host may not have it. */
  readonly configured: boolean;
  /** The absolute path in the container, and on the host where the node has to be bound. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** config-linux.md, "Default Devices": all character devices, usable by all. */
const defaults = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
] as const;

const types: Readonly<Record<Device['type'], number>> = {
  c: S_IFCHR,
  u: S_IFCHR,
  b: S_IFBLK,
  p: S_IFIFO,
};

/** The default devices that `linux.devices` does not name itself, and those that it names. */
export function deviceNodes({ linux }: MountsConfig): DeviceNode[] {
  const devices = linux?.devices ?? [];
  const named = new Set(devices.map(({ path }) => insideRoot(path)));
  return [
    ...defaults
      .filter(([name]) => !named.has(`dev/${name}`))
      .map(([name, major, minor]): DeviceNode => {
        const path = `/dev/${name}`;
        const rest = { configured: false, mode: 0o666, uid: 0, gid: 0 };
        return { what: `make ${path}`, path, type: S_IFCHR, major, minor, ...rest };
      }),
    ...devices
      .map(configuredNode)
      // The container's own devpts provides it (runc skips it likewise).
      .filter(({ path }) => insideRoot(path) !== 'dev/ptmx'),
  ];
}

function configuredNode(device: Device, index: number): DeviceNode {
  const { path, fileMode = 0o666, uid = 0, gid = 0 } = device;
  const fifo = device.type === 'p';
  return {
    what: `linux.devices[${index}]: make ${path}`,
    configured: true,
    path,
    type: types[device.type],
    major: fifo ? 0 : Number(device.major ?? 0),
    minor: fifo ? 0 : Number(device.minor ?? 0),
    // Engines pass on st_mode as stat(2) gives it, with the type.
    mode: fileMode & 0o7777,
    uid,
    gid,
  };
}
