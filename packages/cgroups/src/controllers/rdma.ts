import { member, type Resources } from '@oci/spec';
import type { Controller, ControllerSetting, Mapping } from '../setting.ts';

const mapping: Mapping = { controller: 'rdma', settings };

/** config-linux.md, "RDMA" (admin-guide/cgroup-v1/rdma.rst): the file is the same on both versions. */
export const rdma: Controller = { v1: mapping, v2: mapping };

function settings({ rdma = {} }: Resources): ControllerSetting[] {
  return Object.entries(rdma).map(([device, { hcaHandles, hcaObjects }]) => {
    const limits = [device];
    if (hcaHandles !== undefined) limits.push(`hca_handle=${hcaHandles}`);
    if (hcaObjects !== undefined) limits.push(`hca_object=${hcaObjects}`);
    return {
      file: 'rdma.max',
      value: limits.join(' '),
      path: member('linux.resources.rdma', device),
    };
  });
}
