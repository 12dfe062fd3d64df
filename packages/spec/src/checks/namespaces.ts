import type { Linux } from '../config/linux/linux.ts';
import type { Namespace, NamespaceType, TimeOffsets } from '../config/linux/namespaces.ts';
import type { Report } from '../errors.ts';
import { member } from '../paths.ts';

/** Where no clock can go: half of what KTIME_MAX, 2^63 - 1 ns, is in seconds (kernel/time/namespace.c). */
const maxOffset = 4_611_686_018;

/** The namespaces that a container does not share with the runtime. */
export class OwnNamespaces {
  readonly #byType: Map<NamespaceType, Namespace>;

  constructor(namespaces: readonly Namespace[]) {
    this.#byType = new Map(namespaces.map((namespace) => [namespace.type, namespace]));
  }

  /** Made new or joined. */
  has(type: NamespaceType): boolean {
    return this.#byType.has(type);
  }

  isNew(type: NamespaceType): boolean {
    return this.has(type) && !this.isJoined(type);
  }

  isJoined(type: NamespaceType): boolean {
    return this.#byType.get(type)?.path !== undefined;
  }
}

/** config-linux.md, "Namespaces". */
export function checkNamespaces(namespaces: readonly Namespace[], report: Report): void {
  const seen = new Set<NamespaceType>();
  for (const [i, { type, path }] of namespaces.entries()) {
    const at = `linux.namespaces[${i}]`;
    if (seen.has(type)) report(`${at}.type`, `a ${type} namespace is given twice`);
    seen.add(type);
    if (path !== undefined && !path.startsWith('/')) {
      report(`${at}.path`, 'must be an absolute path');
    }
  }
}

/** What the `linux` section may only say about namespaces of the container's own. */
export function checkNamespaced(linux: Linux, own: OwnNamespaces, report: Report): void {
  for (const key of ['maskedPaths', 'readonlyPaths'] as const) {
    if ((linux[key]?.length ?? 0) > 0 && !own.has('mount')) {
      report(`linux.${key}`, 'needs a mount namespace');
    }
  }
  if (linux.timeOffsets !== undefined && Object.keys(linux.timeOffsets).length > 0) {
    if (!own.has('time')) report('linux.timeOffsets', 'needs a time namespace');
    // The kernel takes offsets only before the first process is in the namespace.
    else if (own.isJoined('time')) {
      report('linux.timeOffsets', 'cannot be set in a time namespace that is joined by path');
    }
  }
}

export function checkTimeOffsets(offsets: TimeOffsets, report: Report): void {
  for (const clock of ['boottime', 'monotonic'] as const) {
    const { secs = 0, nanosecs = 0 } = offsets[clock] ?? {};
    const at = `linux.timeOffsets.${clock}`;
    if (secs > maxOffset || secs < -maxOffset) {
      report(`${at}.secs`, `must be from -${maxOffset} to ${maxOffset}, which is 146 years`);
    }
    if (nanosecs >= 1e9) report(`${at}.nanosecs`, 'must be less than 1000000000');
  }
}

/** config-linux.md, "Network Devices": names that the kernel takes, each used once. */
export function checkNetDevices(devices: NonNullable<Linux['netDevices']>, report: Report): void {
  const seen = new Set<string>();
  for (const [host, { name }] of Object.entries(devices)) {
    const at = member('linux.netDevices', host);
    if (!isInterfaceName(host)) report(at, 'is not a name of a network device');
    if (name !== undefined && !isInterfaceName(name)) {
      report(`${at}.name`, 'is not a name of a network device');
    }
    const target = name ?? host;
    // The kernel numbers a template such as eth%d, so it can be used again.
    if (seen.has(target) && !target.includes('%d')) {
      report(name === undefined ? at : `${at}.name`, `the name ${target} is given twice`);
    }
    seen.add(target);
  }
}

/** As the kernel's dev_valid_name: at most 15 bytes, no slash, colon or white space. */
function isInterfaceName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  return Buffer.byteLength(name) < 16 && !/[/:\s]/.test(name);
}
