import {
  type AnyProvision,
  CLONE_NEWNET,
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_RDONLY,
  type Pid,
  type Provision,
  type Stage,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import { KeptAddresses } from './netlink/addresses.ts';
import { expectNone, indexOf, isUp, moveDevice, setUp } from './netlink/device.ts';
import { RouteSocket } from './netlink/route-socket.ts';

export interface NetDeviceProvisions {
  /** The container process, in its network namespace once all of `entered` are provided. */
  readonly containerPid: Provision<Pid>;
  readonly containerPidfd: Provision<Fd>;
  readonly entered: readonly AnyProvision[];
  /** Provided when all devices are there: the container's program waits for it. */
  readonly moved: Provision;
}

/** The two network namespaces, each by a socket in it, and how to name them to the kernel. */
interface Namespaces {
  readonly here: RouteSocket;
  readonly own: Fd;
  readonly there: RouteSocket;
  readonly container: Pid;
}

/**
 * config-linux.md, "Network Devices": moves devices from the runtime's network namespace to the
 * container's, gives them their addresses again, which a move takes, and sets them up. The host lane
 * does it, which has the rights over both. A start that fails later moves them back.
 */
export function netDeviceStages(config: Config, provisions: NetDeviceProvisions): Stage[] {
  const devices = Object.entries(config.linux?.netDevices ?? {});
  if (devices.length === 0) return [];
  const { containerPid, containerPidfd, entered, moved } = provisions;
  return [
    {
      name: 'namespaces.netDevices',
      lane: 'host',
      category: 'Platform',
      needs: [containerPid, containerPidfd, ...entered],
      provides: [moved],
      run(k) {
        const both = k.doing('linux.netDevices', () =>
          openBoth(k, containerPid.value, containerPidfd.value),
        );
        for (const [name, { name: newName = name }] of devices) {
          k.doing(`linux.netDevices[${JSON.stringify(name)}]`, () =>
            transfer(k, both, name, newName),
          );
        }
        moved.provide();
      },
    },
  ];
}

/**
 * A socket belongs to the namespace that it is made in, so this process visits the container's and
 * comes back. None is closed, since they are needed to move devices back.
 */
function openBoth(k: Kernel, container: Pid, pidfd: Fd): Namespaces {
  const own = k.openat(k.cwd, '/proc/self/ns/net', O_RDONLY | O_CLOEXEC);
  const here = new RouteSocket(k);
  k.setns(pidfd, CLONE_NEWNET);
  const there = new RouteSocket(k);
  k.setns(own, CLONE_NEWNET);
  return { here, own, there, container };
}

function transfer(k: Kernel, both: Namespaces, name: string, newName: string): void {
  const { here, there } = both;
  const index = indexOf(k, here, name);
  const wasUp = isUp(k, here, name);
  const addresses = new KeptAddresses(k, here, index);
  // The kernel would move the device before it finds its new name taken.
  if (!newName.includes('%d')) expectNone(k, there, newName);
  const to = { namespaceOf: both.container };
  const newIndex = k.doing('move', () => moveDevice(k, here, { index, name: newName, to }));
  k.undo(() => {
    const back = moveDevice(k, there, { index: newIndex, name, to: { namespace: both.own } });
    addresses.restore(here, back);
    k.when(compare(wasUp, '!=', 0), () => setUp(here, back));
  });
  k.doing('keep its addresses', () => addresses.giveTo(there, newIndex, name !== newName));
  k.doing('set up', () => setUp(there, newIndex));
}
