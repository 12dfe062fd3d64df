import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  type Fd,
  type Kernel,
  MOUNT_ATTR_IDMAP,
  MS_SHARED,
  MS_SLAVE,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type Stage,
} from '@oci/kernel';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { type MountEntry, mountEntries } from './entry.ts';
import { keyOf } from './id-mappings.ts';
import { mappedNamespace } from './mapped-namespace.ts';
import { hasUserNamespace } from './namespaces.ts';
import { hostPropagation } from './propagation.ts';

/** For closing what may not be open. */
export const whereOpened = { allow: ['EBADF'] } as const;

/** A detached copy of a bind mount's source. */
export function cloneSource(k: Kernel, { source = '', options }: MountEntry): Fd {
  const flags =
    (options.bind === 'tree' ? AT_RECURSIVE : 0) |
    (options.noFollow.source ? AT_SYMLINK_NOFOLLOW : 0);
  return k.open_tree(k.cwd, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

/**
 * The bind mounts whose sources are opened on the host, before the container process is made: those
 * with mapped ids, as the kernel leaves the mapping to who is privileged over the file system; and
 * all in a user namespace, whose root may not get to them.
 */
export function openedOnHost(config: MountsConfig, context: MountsContext): MountEntry[] {
  const all = hasUserNamespace(config) && !context.rootless;
  return mountEntries(config, context.bundle).filter(
    ({ options, idMapped }) =>
      options.bind !== undefined && !options.remount && (all || idMapped !== undefined),
  );
}

/**
 * Opens what only the host lane can open: `before` goes before the clone, so that the container lane
 * inherits the descriptors, `after` behind it, so that a launcher that lives on holds no mounts.
 */
export function sourceStages(
  config: MountsConfig,
  context: MountsContext,
  { sources }: MountsProvisions,
): { readonly before: Stage[]; readonly after: Stage[] } {
  const entries = openedOnHost(config, context);
  const host = { lane: 'host', category: 'Mounts' } as const;
  if (entries.length === 0) return { before: [], after: [] };
  const open: Stage = {
    ...host,
    name: 'mount sources',
    provides: [sources],
    run: (k) => sources.provide(openAll(k, entries, config)),
  };
  const close: Stage = {
    ...host,
    name: 'close mount sources',
    needs: [sources],
    run(k) {
      for (const tree of sources.value.values()) k.close(tree, whereOpened);
    },
  };
  return { before: [open], after: [close] };
}

function openAll(
  k: Kernel,
  entries: readonly MountEntry[],
  config: MountsConfig,
): ReadonlyMap<number, Fd> {
  const trees = new Map<number, Fd>();
  const namespaces = new Map<string, Fd>();
  for (const entry of entries)
    k.doing(entry.what, () => {
      const map = entry.idMapped?.map;
      if (map === undefined) {
        trees.set(entry.index, openIfPermitted(k, entry, config));
        return;
      }
      const tree = cloneSource(k, entry);
      if (!namespaces.has(keyOf(map)))
        namespaces.set(
          keyOf(map),
          k.doing('make a user namespace with its mappings', () => mappedNamespace(k, map)),
        );
      prepare(k, entry, tree, config, namespaces.get(keyOf(map)));
      trees.set(entry.index, tree);
    });
  for (const namespace of namespaces.values()) k.close(namespace);
  return trees;
}

/** -1 where the runtime is root of a user namespace that does not own its mount namespace. */
function openIfPermitted(k: Kernel, entry: MountEntry, config: MountsConfig): Fd {
  return k.attempt(
    ['EPERM'],
    () => {
      const tree = cloneSource(k, entry);
      prepare(k, entry, tree, config, undefined);
      return tree;
    },
    () => -1,
  );
}

/** The most that is shared: a user namespace gets slaves of the host's mounts (mount_namespaces(7)). */
function copyPropagation(config: MountsConfig): number {
  const { type } = hostPropagation(config.linux?.rootfsPropagation);
  return type === MS_SHARED && hasUserNamespace(config) ? MS_SLAVE : type;
}

/**
 * The container's mounts get the host's propagation when its namespace is made and set; a copy that
 * is taken before must be told. Shared with the host it would pass on what is mounted beneath it.
 */
function prepare(
  k: Kernel,
  { options, idMapped }: MountEntry,
  tree: Fd,
  config: MountsConfig,
  userns: Fd | undefined,
): void {
  const everything = options.bind === 'tree' ? AT_RECURSIVE : 0;
  const propagation = copyPropagation(config);
  const idMap = userns === undefined ? undefined : { set: MOUNT_ATTR_IDMAP, userns };
  if (idMap && (idMapped?.recursive || everything === 0)) {
    k.mount_setattr(tree, '', AT_EMPTY_PATH | everything, { propagation, ...idMap });
    return;
  }
  k.mount_setattr(tree, '', AT_EMPTY_PATH | everything, { propagation });
  if (idMap) k.mount_setattr(tree, '', AT_EMPTY_PATH, idMap);
}
