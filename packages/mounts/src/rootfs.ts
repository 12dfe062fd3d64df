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
import { attempt } from './attempt.ts';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { onHost } from './paths.ts';
import { hostPropagation, mayBeShared } from './propagation.ts';

/**
 * Cuts the new mount namespace off from the host's, and makes the rootfs a mount of its own, as
 * pivot_root(2) demands (config.md, "Root"; config-linux.md, "Rootfs Mount Propagation").
 */
export function rootfsStages(
  { root, linux, mounts = [] }: MountsConfig,
  { bundle }: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { rootfs } = provisions;
  const propagation = hostPropagation(linux?.rootfsPropagation);
  const path = onHost(bundle, root.path);
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
    attempt(
      k,
      ['EINVAL'],
      () => setPrivate(start),
      () => {
        const above = k.variable('directory', k.openat(start, '..', flags));
        k.loop((leave) => {
          const found = k.variable('found', 1);
          attempt(
            k,
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
