import type { Resources } from '@oci/spec';
import { limitOrMax } from '../numbers.ts';
import type { Controller, ControllerSetting, Mapping } from '../setting.ts';

const mapping: Mapping = { controller: 'pids', settings };

/** config-linux.md, "PIDs": 0 is a limit. The file is the same on both versions. */
export const pids: Controller = { v1: mapping, v2: mapping };

function settings({ pids = {} }: Resources): ControllerSetting[] {
  if (pids.limit === undefined) return [];
  const path = 'linux.resources.pids.limit';
  return [{ file: 'pids.max', value: limitOrMax(pids.limit), path }];
}
