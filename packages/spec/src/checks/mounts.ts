import type { Mount } from '../config/mounts.ts';
import type { Report } from '../errors.ts';
import { checkMappings } from './id-mappings.ts';
import type { OwnNamespaces } from './namespaces.ts';

/** config.md, "Mounts". A relative destination is deprecated but allowed: it counts from "/". */
export function checkMounts(
  mounts: readonly Mount[],
  own: OwnNamespaces | undefined,
  report: Report,
): void {
  for (const [i, mount] of mounts.entries()) {
    const at = `mounts[${i}]`;
    if (mount.destination === '') report(`${at}.destination`, 'must not be empty');
    checkMountMappings(mount, at, own, report);
    const options = mount.options ?? [];
    const bind = options.includes('bind') || options.includes('rbind');
    if (bind && !options.includes('remount') && (mount.source ?? '') === '') {
      report(`${at}.source`, 'is required by a bind mount');
    }
  }
}

function checkMountMappings(
  { uidMappings, gidMappings, options }: Mount,
  at: string,
  own: OwnNamespaces | undefined,
  report: Report,
): void {
  const uids = (uidMappings?.length ?? 0) > 0;
  const gids = (gidMappings?.length ?? 0) > 0;
  if (uids && !gids) report(`${at}.gidMappings`, 'is required along with uidMappings');
  if (gids && !uids) report(`${at}.uidMappings`, 'is required along with gidMappings');
  checkMappings(uidMappings, `${at}.uidMappings`, report);
  checkMappings(gidMappings, `${at}.gidMappings`, report);
  if (uids || gids || own === undefined || own.has('user') || options === undefined) return;
  const idmap = options.findIndex((option) => option === 'idmap' || option === 'ridmap');
  if (idmap >= 0) {
    report(`${at}.options[${idmap}]`, 'needs mappings of the mount or a user namespace');
  }
}
