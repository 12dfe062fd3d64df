import { type Resources, toUint64 } from '@oci/spec';
import type { Controller, ControllerSetting } from '../setting.ts';

/** config-linux.md, "Huge page limits" (admin-guide/cgroup-v1/hugetlb.rst). */
export const hugetlb: Controller = {
  v1: { controller: 'hugetlb', settings: (resources) => settings(resources, 'limit_in_bytes') },
  v2: { controller: 'hugetlb', settings: (resources) => settings(resources, 'max') },
};

/** Limits page faults and, where the kernel counts them (Linux 5.7), reservations. */
function settings({ hugepageLimits = [] }: Resources, limitFile: string): ControllerSetting[] {
  return hugepageLimits.flatMap(({ pageSize, limit }, index): ControllerSetting[] => {
    const value = String(toUint64(limit));
    const path = `linux.resources.hugepageLimits[${index}].limit`;
    return [
      { file: `hugetlb.${pageSize}.${limitFile}`, value, path },
      { file: `hugetlb.${pageSize}.rsvd.${limitFile}`, value, path, otherwise: 'nothing' },
    ];
  });
}
