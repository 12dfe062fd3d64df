import { array, boolean, hole, string } from './dbus/values.ts';
import type { Property } from './property.ts';
import type { SystemdUnit } from './unit.ts';

/**
 * What makes a scope out of a process and leaves its cgroup to us, as runc and crun set it. The
 * process id is a hole.
 *
 * Accounting is asked for, so that a controller is there before the process is in the cgroup;
 * without default dependencies systemd does not stop the container ahead of whoever manages it.
 *
 * @param version of the hierarchy that systemd has the controllers in
 */
export function unitProperties(unit: SystemdUnit, version: 1 | 2): Property[] {
  const io = version === 1 ? 'BlockIOAccounting' : 'IOAccounting';
  return [
    { name: 'Description', value: string(`libcontainer container ${unit.container}`) },
    { name: 'Slice', value: string(unit.slice) },
    { name: 'Delegate', value: boolean(true) },
    { name: 'PIDs', value: array('u', [hole]) },
    ...['MemoryAccounting', 'CPUAccounting', io, 'TasksAccounting'].map((name) => ({
      name,
      value: boolean(true),
    })),
    { name: 'DefaultDependencies', value: boolean(false) },
  ];
}
