import type { Config } from '../config/config.ts';
import type { Report } from '../errors.ts';
import { member } from '../paths.ts';

/**
 * The kernel ends strings at NUL: a path or argument with one would be cut short, and mean
 * something else than what was checked.
 */
export function checkNoNul(value: unknown, at: string, report: Report): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) report(at, 'must not contain NUL');
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkNoNul(item, member(at, i), report);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const path = member(at, key);
      if (key.includes('\0')) report(path, 'must not contain NUL');
      checkNoNul(item, path, report);
    }
  }
}

/** The parts of a config whose strings reach the kernel: not annotations, nor other platforms. */
export function checkConfigStrings(config: Config, report: Report): void {
  const { process, root, hostname, domainname, mounts, hooks, linux } = config;
  checkNoNul({ process, root, hostname, domainname, mounts, hooks, linux }, '', report);
}
