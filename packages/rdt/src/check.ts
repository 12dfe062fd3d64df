import type { Config, Issue } from '@oci/spec';
import { parseSchema, schemaLines } from './schema.ts';

/** Directories in the root of resctrl that are no groups. */
const reserved: ReadonlySet<string> = new Set(['info', 'mon_data', 'mon_groups']);

/**
 * What of a valid `linux.intelRdt` cannot be done. Nothing is looked for on the host: whether it has
 * resctrl, and what that allows, shows when a container starts.
 */
export function checkRdt({ linux }: Config): Issue[] {
  const rdt = linux?.intelRdt;
  if (rdt === undefined) return [];
  const { closID = '' } = rdt;
  const issues: Issue[] = [];
  if (reserved.has(closID)) {
    const message = `${closID} is a directory of resctrl itself`;
    issues.push({ path: 'linux.intelRdt.closID', message });
  }
  for (const { path, text } of schemaLines(rdt)) {
    if (text.trim() === '') issues.push({ path, message: 'must not be empty' });
    else if (closID !== '' && parseSchema(text) === undefined) {
      const message = 'cannot be compared with that of a class that exists: use L3:0=7f0;1=1f';
      issues.push({ path, message });
    }
  }
  return issues;
}
