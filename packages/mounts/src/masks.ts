import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  compare,
  type Fd,
  type Kernel,
  MOUNT_ATTR_RDONLY,
  O_DIRECTORY,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type Routine,
  type Stage,
  type Text,
} from '@oci/kernel';
import { attach } from './attach.ts';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { openInside } from './open-inside.ts';
import { insideRoot } from './paths.ts';
import { setRootPropagation } from './propagation.ts';

const CLONE = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
const container = { lane: 'container', category: 'Mounts' } as const;

/**
 * The last changes to the container's mounts (config-linux.md, "Masked Paths" and "Readonly Paths";
 * config.md, "Root"). Paths that are not there need neither.
 */
export function maskStages(
  { root, linux }: MountsConfig,
  _context: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { rootfs, pivoted, masked, maskSources } = provisions;
  const readonlyPaths = distinct(linux?.readonlyPaths ?? []);
  const maskedPaths = distinct(linux?.maskedPaths ?? []);
  const stages: Stage[] = [];
  const before = [
    ...(readonlyPaths.length > 0 ? [provisions.readonlyPaths] : []),
    ...(maskedPaths.length > 0 ? [provisions.maskedPaths] : []),
  ];
  if (readonlyPaths.length > 0)
    stages.push({
      ...container,
      name: 'read-only paths',
      needs: [rootfs, pivoted],
      provides: [provisions.readonlyPaths],
      run(k) {
        for (const { path, index } of readonlyPaths)
          k.doing(`linux.readonlyPaths[${index}]: make ${path} read-only`, () =>
            k.run(makingReadonly, rootfs.value, insideRoot(path)),
          );
        provisions.readonlyPaths.provide();
      },
    });
  if (maskedPaths.length > 0)
    stages.push({
      ...container,
      name: 'masked paths',
      // First the read-only copies: they would copy the masks.
      needs: [rootfs, pivoted, maskSources, ...before.slice(0, -1)],
      provides: [provisions.maskedPaths],
      run(k) {
        const { file, directory } = maskSources.value;
        for (const { path, index } of maskedPaths)
          k.doing(`linux.maskedPaths[${index}]: mask ${path}`, () =>
            k.run(masking, rootfs.value, insideRoot(path), file, directory),
          );
        k.close(file);
        k.close(directory);
        provisions.maskedPaths.provide();
      },
    });
  stages.push({
    ...container,
    name: 'read-only mounts',
    needs: [rootfs, pivoted, ...before],
    provides: [masked],
    run(k) {
      const set = { set: MOUNT_ATTR_RDONLY };
      for (const { what, mount } of provisions.readonlyLater) {
        k.doing(what, () => k.mount_setattr(mount, '', AT_EMPTY_PATH, set));
        k.close(mount);
      }
      if (root.readonly)
        k.doing('root.readonly: make the rootfs read-only', () =>
          k.mount_setattr(rootfs.value, '', AT_EMPTY_PATH, set),
        );
      setRootPropagation(k, rootfs.value, linux?.rootfsPropagation, 'masked');
      // As runc; `process.user.umask` is set later, where it is named.
      k.umask(0o022);
      masked.provide();
    },
  });
  return stages;
}

/** Each path once, with its place in the list for messages. */
function distinct(paths: readonly string[]): { path: string; index: number }[] {
  const seen = new Set<string>();
  return paths
    .map((path, index) => ({ path, index }))
    .filter(({ path }) => !seen.has(insideRoot(path)) && seen.add(insideRoot(path)));
}

/** Does something with what is at a path, unless there is nothing. */
function ifThere(k: Kernel, rootfs: Fd, path: Text, flags: number, body: (fd: Fd) => void): void {
  const found = openInside(k, rootfs, path, flags, ['ENOENT']);
  k.when(compare(found, '>=', 0), () => {
    body(found);
    k.close(found);
  });
}

/** Covers a path with a read-only copy of itself and of all mounts beneath; other flags stay. */
const makingReadonly: Routine<readonly [rootfs: Fd, path: Text], undefined> = {
  name: 'read-only path',
  body(k, rootfs, path) {
    ifThere(k, rootfs, path, 0, (found) => {
      const copy = k.open_tree(found, '', CLONE | AT_RECURSIVE);
      k.mount_setattr(copy, '', AT_EMPTY_PATH | AT_RECURSIVE, { set: MOUNT_ATTR_RDONLY });
      attach(k, copy, found);
      k.close(copy);
    });
    return undefined;
  },
};

/** Covers a directory with an empty one, and anything else with /dev/null. */
const masking: Routine<readonly [rootfs: Fd, path: Text, file: Fd, directory: Fd], undefined> = {
  name: 'masked path',
  body(k, rootfs, path, file, directory) {
    k.attempt(
      ['ENOTDIR'],
      () => ifThere(k, rootfs, path, O_DIRECTORY, (found) => cover(k, found, directory)),
      () => ifThere(k, rootfs, path, 0, (found) => cover(k, found, file)),
    );
    return undefined;
  },
};

/**
 * Mounts a copy of the source. Before Linux 6.15 a detached mount cannot be copied (EINVAL): then
 * it is attached itself, and copied from there the next time.
 */
function cover(k: Kernel, target: Fd, source: Fd): void {
  const copy = k.attempt(
    ['EINVAL'],
    () => k.open_tree(source, '', CLONE),
    () => source,
  );
  attach(k, copy, target);
  k.when(compare(copy, '!=', source), () => k.close(copy));
}
