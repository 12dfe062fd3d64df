import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  type Fd,
  type Kernel,
  MNT_DETACH,
  MOVE_MOUNT_F_EMPTY_PATH,
  MS_SLAVE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  type Stage,
} from '@oci/kernel';
import type { MountsConfig, MountsContext, MountsProvisions, OpenMounts } from './context.ts';
import { hideHostProcfs } from './host-procfs.ts';
import { takeMaskSources } from './mask-sources.ts';
import { ownsMounts } from './namespaces.ts';
import { hostPropagation, mayBeShared, setRootPropagation } from './propagation.ts';

const container = { lane: 'container', category: 'Mounts' } as const;

/**
 * Makes the rootfs `/`, and takes the host's files away (pivot_root(2), "pivot_root(".", ".")"):
 * the old root lies on top of the new one until it is unmounted. That is a stage of its own, as
 * it is the slow part and nothing but exec has to wait for it.
 */
export function pivotStages(
  config: MountsConfig,
  { noPivot }: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { rootfs, mounts, devices, pivoted, detached, maskSources, hostProcfs } = provisions;
  const named = config.linux?.rootfsPropagation;
  const sources: Stage = {
    ...container,
    name: 'mask sources',
    provides: [maskSources],
    run: (k) => maskSources.provide(takeMaskSources(k)),
  };
  const masks = (config.linux?.maskedPaths ?? []).length > 0;
  const before = masks ? [sources] : [];
  const needs = [rootfs, mounts, devices, ...(masks ? [maskSources] : [])];
  const propagation = (k: Kernel) => setRootPropagation(k, rootfs.value, named, 'pivoted');
  const entered = (k: Kernel) => {
    propagation(k);
    pivoted.provide();
    detached.provide();
  };
  if (!ownsMounts(config)) {
    const run = (k: Kernel) => {
      k.doing('change the root to the rootfs', () => changeRoot(k, rootfs.value));
      entered(k);
    };
    return [{ ...container, name: 'change root', needs, provides: [pivoted, detached], run }];
  }
  if (noPivot) {
    const run = (k: Kernel) => {
      k.doing('move the rootfs to /', () => moveRoot(k, rootfs.value, hostProcfs.value));
      entered(k);
    };
    const more = { needs: [...needs, hostProcfs], provides: [pivoted, detached] };
    return [...before, { ...container, name: 'move root', ...more, run }];
  }
  return [
    ...before,
    {
      ...container,
      name: 'pivot root',
      needs,
      provides: [pivoted],
      run(k) {
        k.doing('pivot to the rootfs', () => {
          if (mayBeShared(hostPropagation(named))) pivotUnshared(k, rootfs.value);
          else pivot(k, rootfs.value);
        });
        propagation(k);
        pivoted.provide();
      },
    },
    {
      ...container,
      name: 'detach old root',
      needs: [pivoted],
      provides: [detached],
      run(k) {
        // Not by `.`: the working directory may be set meanwhile.
        k.doing('unmount the old root', () => k.umount2('/', MNT_DETACH));
        detached.provide();
      },
    },
  ];
}

/** The working directory goes along: it is the new root afterwards. */
function pivot(k: Kernel, rootfs: Fd): void {
  k.fchdir(rootfs);
  k.pivot_root('.', '.');
}

/**
 * Mounts of the host's that are shared still would pass the unmounting on to it. Slaves rather than
 * private: a private copy would keep what the host unmounts meanwhile (as runc explains).
 */
function pivotUnshared(k: Kernel, rootfs: Fd): void {
  const old = k.openat(k.cwd, '/', O_PATH | O_DIRECTORY | O_CLOEXEC);
  pivot(k, rootfs);
  k.mount_setattr(old, '', AT_EMPTY_PATH | AT_RECURSIVE, { propagation: MS_SLAVE });
  k.close(old);
}

/**
 * For a root that cannot be pivoted from (initramfs). The host's mounts stay beneath, and a process
 * with CAP_SYS_CHROOT gets back to them. The kernel lets a new procfs or sysfs be mounted where a
 * full one is in reach, so all of the host's are taken away, as runc does.
 */
function moveRoot(k: Kernel, rootfs: Fd, hostProcfs: OpenMounts): void {
  hideHostProcfs(k, hostProcfs);
  k.fchdir(rootfs);
  k.move_mount(rootfs, '', k.cwd, '/', MOVE_MOUNT_F_EMPTY_PATH);
  k.chroot('.');
  k.chdir('/');
}

/** In a mount namespace that others use, their root stays what it is. */
function changeRoot(k: Kernel, rootfs: Fd): void {
  k.fchdir(rootfs);
  k.chroot('.');
  k.chdir('/');
}
