import type { Resources } from '@oci/spec';
import type { Controller, ControllerSetting } from '../setting.ts';

const at = 'linux.resources.network';

/** config-linux.md, "Network", classID (admin-guide/cgroup-v1/net_cls.rst). Version 2 has none. */
export const netCls: Controller = { v1: { controller: 'net_cls', settings: classSettings } };

/** config-linux.md, "Network", priorities (admin-guide/cgroup-v1/net_prio.rst). Version 2 has none. */
export const netPrio: Controller = { v1: { controller: 'net_prio', settings: prioritySettings } };

function classSettings({ network = {} }: Resources): ControllerSetting[] {
  const { classID = 0 } = network;
  if (classID === 0) return [];
  return [{ file: 'net_cls.classid', value: String(classID), path: `${at}.classID` }];
}

function prioritySettings({ network = {} }: Resources): ControllerSetting[] {
  return (network.priorities ?? []).map(({ name, priority }, index) => ({
    file: 'net_prio.ifpriomap',
    value: `${name} ${priority}`,
    path: `${at}.priorities[${index}]`,
  }));
}
