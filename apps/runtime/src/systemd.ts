import { readFileSync } from 'node:fs';
import { busSocket, managerCgroup, type SystemdInstance } from '@oci/cgroups';
import { LiveKernel } from '@oci/kernel/live';
import { isMapped } from './store/root.ts';

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

/** @throws Error when a user's systemd does not answer */
export function readSystemd(): Systemd {
  const isSystems =
    process.geteuid?.() === 0 && !isMapped(readFileSync('/proc/self/uid_map', 'utf8'));
  const instance = isSystems ? 'system' : 'user';
  const socket = busSocket(instance, process.env);
  const isUsers = instance === 'user' && socket !== undefined;
  return {
    instance,
    socket,
    manager: isUsers ? managerCgroup(new LiveKernel(), socket) : '',
    devices: readFileSync('/proc/devices', 'utf8'),
  };
}
