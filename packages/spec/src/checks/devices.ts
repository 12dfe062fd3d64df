import type { Device } from '../config/linux/devices.ts';
import type { Report } from '../errors.ts';

/** The kernel's dev_t has 12 bits for the major and 20 for the minor number. */
const limits = { major: 2 ** 12 - 1, minor: 2 ** 20 - 1 } as const;

/** config-linux.md, "Devices". */
export function checkDevices(devices: readonly Device[], report: Report): void {
  const seen = new Set<string>();
  for (const [i, device] of devices.entries()) {
    const at = `linux.devices[${i}]`;
    if (!device.path.startsWith('/')) report(`${at}.path`, 'must be an absolute path');
    if (seen.has(device.path)) report(`${at}.path`, `${device.path} is given twice`);
    seen.add(device.path);
    if (device.type === 'p') continue;
    for (const key of ['major', 'minor'] as const) {
      const number = device[key];
      if (number === undefined) report(`${at}.${key}`, `is required by type ${device.type}`);
      else if (number < 0 || number > limits[key]) {
        report(`${at}.${key}`, `must be from 0 to ${limits[key]}`);
      }
    }
  }
}
