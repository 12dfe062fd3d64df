import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  compare,
  type Fd,
  type Kernel,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  MS_PRIVATE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type Stage,
} from '@oci/kernel';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { openHostProcfs } from './host-procfs.ts';
import { ownsMounts } from './namespaces.ts';
import { onHost } from './paths.ts';
import { hostPropagation, mayBeShared } from './propagation.ts';

/**
 * Cuts the new mount namespace off from the host's, and makes the rootfs a mount of its own, as
 * pivot_root(2) demands (config.md, "Root"; config-linux.md, "Rootfs Mount Propagation").
 */
export function rootfsStages(
  config: MountsConfig,
  { bundle, noPivot }: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { root, linux, mounts = [] } = config;
  const { rootfs } = provisions;
  const propagation = hostPropagation(linux?.rootfsPropagation);
  const path = onHost(bundle, root.path);
  if (!ownsMounts(config)) return [plainRootfs(path, provisions, mounts.length === 0)];
  return [
    {
      name: 'mount propagation',
      lane: 'container',
      category: 'Mounts',
      provides: [provisions.propagation],
      run(k) {
        // Until the paths are masked, modes are exactly those asked for.
        k.umask(0);
        const flags = propagation.recursive ? AT_RECURSIVE : 0;
        k.doing('linux.rootfsPropagation: set the propagation of /', () =>
          k.mount_setattr(k.cwd, '/', flags, { propagation: propagation.type }),
        );
        provisions.propagation.provide();
      },
    },
    ...(noPivot ? [findHostProcfs(provisions)] : []),
    {
      name: 'rootfs',
      lane: 'container',
      category: 'Mounts',
      needs: [provisions.propagation],
      // Without any mounts, they are all in place now.
      provides: mounts.length === 0 ? [rootfs, provisions.mounts] : [rootfs],
      run(k) {
        k.doing(`root.path: ${path}`, () => {
          const found = k.openat(k.cwd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
          if (mayBeShared(propagation)) makeParentPrivate(k, found);
          const tree = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH;
          const mount = k.open_tree(found, '', tree);
          const move = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
          k.move_mount(mount, '', found, '', move);
          k.close(found);
          rootfs.provide(mount);
        });
        if (mounts.length === 0) provisions.mounts.provide();
      },
    },
  ];
}

/**
 * Where the root is moved, the host's /proc and the like would stay in reach (see `pivotStages`).
 * Those that are mounted in the rootfs are the container's: it gets a copy of them.
 */
function findHostProcfs({ propagation, hostProcfs }: MountsProvisions): Stage {
  return {
    name: 'procfs of the host',
    lane: 'container',
    category: 'Mounts',
    needs: [propagation],
    provides: [hostProcfs],
    run: (k) =>
      hostProcfs.provide(k.doing("find the host's procfs and sysfs", () => openHostProcfs(k))),
  };
}

/** In a mount namespace that others use, the rootfs stays the plain directory that it is. */
function plainRootfs(path: string, { rootfs, mounts }: MountsProvisions, alone: boolean): Stage {
  return {
    name: 'rootfs',
    lane: 'container',
    category: 'Mounts',
    provides: alone ? [rootfs, mounts] : [rootfs],
    run(k) {
      k.umask(0);
      const open = () => k.openat(k.cwd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
      rootfs.provide(k.doing(`root.path: ${path}`, open));
      if (alone) mounts.provide();
    },
  };
}

/**
 * Makes the mount that a directory is in private, so that neither the rootfs nor what is mounted in
 * it shows on the host; pivot_root(2) refuses a shared one. Only the root of a mount can be changed
 * (EINVAL elsewhere), so it is looked for upwards. It is found at `/` at the latest: that `/` is one
 * has just been seen.
 */
function makeParentPrivate(k: Kernel, start: Fd): void {
  k.doing('make the parent mount private', () => {
    const setPrivate = (directory: Fd) =>
      k.mount_setattr(directory, '', AT_EMPTY_PATH, { propagation: MS_PRIVATE });
    const flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    k.attempt(
      ['EINVAL'],
      () => setPrivate(start),
      () => {
        const above = k.variable('directory', k.openat(start, '..', flags));
        k.loop((leave) => {
          const found = k.variable('found', 1);
          k.attempt(
            ['EINVAL'],
            () => setPrivate(above.value),
            () => {
              const next = k.openat(above.value, '..', flags);
              k.close(above.value);
              k.set(above, next);
              k.set(found, 0);
            },
          );
          k.when(compare(found.value, '==', 1), leave);
        });
        k.close(above.value);
      },
    );
  });
}
