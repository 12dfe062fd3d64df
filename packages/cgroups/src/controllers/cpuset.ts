import type { Resources } from '@oci/spec';
import type { Controller, ControllerSetting, Mapping } from '../setting.ts';

const mapping: Mapping = { controller: 'cpuset', settings };

/** config-linux.md, "CPU", cpus and mems (cpuset(7)): the files are alike on both versions. */
export const cpuset: Controller = { v1: mapping, v2: mapping };

function settings({ cpu = {} }: Resources): ControllerSetting[] {
  return (['cpus', 'mems'] as const).flatMap((key) => {
    const value = cpu[key];
    const path = `linux.resources.cpu.${key}`;
    return value ? [{ file: `cpuset.${key}`, value, path }] : [];
  });
}
