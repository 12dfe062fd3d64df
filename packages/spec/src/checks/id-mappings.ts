import type { IdMapping } from '../config/common.ts';
import type { Linux } from '../config/linux/linux.ts';
import type { Report } from '../errors.ts';
import type { OwnNamespaces } from './namespaces.ts';

/** The kernel's UID_GID_MAP_MAX_EXTENTS. */
const maxMappings = 340;
const idCount = 2 ** 32;

/** config-linux.md, "User namespace mappings", against the namespaces. */
export function checkUserMappings(linux: Linux, own: OwnNamespaces, report: Report): void {
  for (const key of ['uidMappings', 'gidMappings'] as const) {
    const given = (linux[key]?.length ?? 0) > 0;
    if (given && !own.has('user')) report(`linux.${key}`, 'needs a user namespace');
    if (!given && own.isNew('user')) report(`linux.${key}`, 'is required by a new user namespace');
  }
}

/** What the kernel demands of a mapping: no empty range, none outside of 32 bits, none overlapping. */
export function checkMappings(
  mappings: readonly IdMapping[] | undefined,
  at: string,
  report: Report,
): void {
  if (mappings === undefined) return;
  if (mappings.length > maxMappings) {
    report(at, `the kernel takes ${maxMappings} mappings at most`);
    return;
  }
  for (const [i, mapping] of mappings.entries()) {
    if (mapping.size === 0) report(`${at}[${i}].size`, 'must not be zero');
    for (const side of ['containerID', 'hostID'] as const) {
      const first = mapping[side];
      if (first + mapping.size > idCount) {
        report(`${at}[${i}].size`, `reaches beyond the last id, counted from ${side} ${first}`);
      }
      const other = mappings.findIndex((earlier, j) => j < i && overlap(earlier, mapping, side));
      if (other >= 0) report(`${at}[${i}].${side}`, `overlaps ${at}[${other}]`);
    }
  }
}

function overlap(a: IdMapping, b: IdMapping, side: 'containerID' | 'hostID'): boolean {
  return a[side] < b[side] + b.size && b[side] < a[side] + a.size;
}
