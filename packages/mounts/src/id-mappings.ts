import type { IdMapping, Mount } from '@oci/spec';
import type { MountsConfig } from './context.ts';
import { type ParsedOptions, parseOptions } from './options.ts';

/** What the owners of a mount's files are mapped by: mappings, or a user namespace that has them. */
export type IdMap =
  | { readonly uids: readonly IdMapping[]; readonly gids: readonly IdMapping[] }
  | { readonly path: string };

/** An id-mapped mount (config.md, "POSIX-platform Mounts"). */
export interface IdMappedMount {
  readonly map: IdMap;
  /** Maps the mounts beneath as well. */
  readonly recursive: boolean;
}

/**
 * How a mount is to be mapped: by its own mappings, else, when its options ask for it, as the
 * container's user namespace is. Mappings without the option count as `idmap`, as in runc.
 *
 * A new user namespace is none that could be used here: it comes later, with the container. One
 * that is made for the mount alone with the same mappings does the same.
 */
export function idMappedMount(
  mount: Mount,
  { linux }: Pick<MountsConfig, 'linux'>,
  { bind, idMap }: ParsedOptions = parseOptions(mount.options ?? []),
): IdMappedMount | undefined {
  const recursive = idMap === 'tree' && bind === 'tree';
  const { uidMappings: uids = [], gidMappings: gids = [] } = mount;
  if (uids.length > 0 || gids.length > 0) return { map: { uids, gids }, recursive };
  if (idMap === undefined) return undefined;
  const path = linux?.namespaces?.find(({ type }) => type === 'user')?.path;
  if (path) return { map: { path }, recursive };
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  return { map: { uids: uidMappings, gids: gidMappings }, recursive };
}

/** The same for maps that one user namespace can serve. */
export function keyOf(map: IdMap): string {
  return JSON.stringify(map);
}
