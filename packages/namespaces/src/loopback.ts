import {
  AF_UNIX,
  IFF_RUNNING,
  IFF_UP,
  interfaceFlags,
  SIOCSIFFLAGS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  type Stage,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import { makesNew } from './kinds.ts';

/**
 * Brings up `lo` of a new network namespace, which the kernel makes down (netdevice(7)). The
 * specification does not ask for it; runc and crun do it, and programs count on 127.0.0.1.
 */
export function loopbackStages(config: Config): Stage[] {
  return makesNew(config, 'network') ? [loopback] : [];
}

const loopback: Stage = {
  name: 'namespaces.loopback',
  lane: 'container',
  category: 'Platform',
  run: (k) =>
    k.doing('linux.namespaces: bring up lo', () => {
      // Any socket will do, and this family is always there.
      const socket = k.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC);
      k.ioctl(socket, SIOCSIFFLAGS, interfaceFlags('lo', IFF_UP | IFF_RUNNING));
      k.close(socket);
    }),
};
