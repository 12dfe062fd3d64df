import type { BlockIO } from '../config/linux/block-io.ts';
import type { DeviceCgroup } from '../config/linux/devices.ts';
import type { CPU, Resources } from '../config/linux/resources.ts';
import type { Report } from '../errors.ts';
import { member } from '../paths.ts';

const at = 'linux.resources';

/** config-linux.md, "Control groups". */
export function checkResources(resources: Resources, report: Report): void {
  checkDeviceRules(resources.devices ?? [], report);
  if (resources.cpu !== undefined) checkCPU(resources.cpu, report);
  if ((resources.memory?.swappiness ?? 0) > 100) {
    report(`${at}.memory.swappiness`, 'must be from 0 to 100');
  }
  if (resources.blockIO !== undefined) checkBlockIO(resources.blockIO, report);
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(resources.rdma ?? {})) {
    if (hcaHandles === undefined && hcaObjects === undefined) {
      report(member(`${at}.rdma`, device), 'must have hcaHandles or hcaObjects');
    }
  }
  for (const file of Object.keys(resources.unified ?? {})) {
    // The key becomes a file name; with a slash it could name a file outside of the cgroup.
    if (file === '' || file === '.' || file === '..' || file.includes('/')) {
      report(member(`${at}.unified`, file), 'is not a name of a cgroup file');
    }
  }
}

function checkDeviceRules(rules: readonly DeviceCgroup[], report: Report): void {
  for (const [i, { type = 'a', access = 'rwm' }] of rules.entries()) {
    if (type !== 'a' && type !== 'c' && type !== 'b' && type !== '') {
      report(`${at}.devices[${i}].type`, `must be a, b or c, not ${JSON.stringify(type)}`);
    }
    if (!/^[rwm]*$/.test(access)) {
      report(
        `${at}.devices[${i}].access`,
        `must be made of r, w and m, not ${JSON.stringify(access)}`,
      );
    }
  }
}

function checkCPU({ quota = 0, burst = 0 }: CPU, report: Report): void {
  if (quota > 0 && burst > quota) report(`${at}.cpu.burst`, 'must not exceed the quota');
}

function checkBlockIO({ weightDevice }: BlockIO, report: Report): void {
  for (const [i, { weight, leafWeight }] of (weightDevice ?? []).entries()) {
    if (weight === undefined && leafWeight === undefined) {
      report(`${at}.blockIO.weightDevice[${i}]`, 'must have a weight or a leafWeight');
    }
  }
}
