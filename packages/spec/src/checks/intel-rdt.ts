import type { IntelRdt } from '../config/linux/intel-rdt.ts';
import type { Report } from '../errors.ts';

const at = 'linux.intelRdt';

/** config-linux.md, "IntelRdt". */
export function checkIntelRdt(rdt: IntelRdt, report: Report): void {
  const { closID, l3CacheSchema, memBwSchema, schemata } = rdt;
  // A lone slash means the root group; any other name becomes a directory beneath it.
  if (closID !== undefined && closID !== '/' && !isDirectoryName(closID)) {
    report(`${at}.closID`, "must be a name without '/' and line breaks, or '/' alone");
  }
  if (l3CacheSchema?.includes('\n')) report(`${at}.l3CacheSchema`, 'must be a single line');
  if (memBwSchema?.includes('\n')) report(`${at}.memBwSchema`, 'must be a single line');
  else if (memBwSchema !== undefined && !memBwSchema.startsWith('MB:')) {
    report(`${at}.memBwSchema`, "must start with 'MB:'");
  }
  for (const [i, line] of (schemata ?? []).entries()) {
    if (line.includes('\n')) report(`${at}.schemata[${i}]`, 'must be a single line');
  }
}

function isDirectoryName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\n]/.test(name);
}
