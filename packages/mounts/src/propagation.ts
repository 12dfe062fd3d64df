import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  type Fd,
  type Kernel,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '@oci/kernel';
import type { RootfsPropagation } from '@oci/spec';
import type { Propagation } from './options.ts';

const types: Readonly<Record<RootfsPropagation, Propagation>> = {
  shared: { type: MS_SHARED, recursive: false },
  slave: { type: MS_SLAVE, recursive: false },
  private: { type: MS_PRIVATE, recursive: false },
  unbindable: { type: MS_UNBINDABLE, recursive: false },
  rshared: { type: MS_SHARED, recursive: true },
  rslave: { type: MS_SLAVE, recursive: true },
  rprivate: { type: MS_PRIVATE, recursive: true },
  runbindable: { type: MS_UNBINDABLE, recursive: true },
};

/**
 * What `linux.rootfsPropagation` does to the host's mounts in the new namespace; rslave unless
 * named. Unbindable is for the container's own root: here it would keep the rootfs from being bound.
 */
export function hostPropagation(named: RootfsPropagation | undefined): Propagation {
  const { type, recursive } = types[named ?? 'rslave'];
  return { type: type === MS_UNBINDABLE ? MS_PRIVATE : type, recursive };
}

/** Whether mounts may be left that pass on to the host what happens beneath them. */
export function mayBeShared({ type, recursive }: Propagation): boolean {
  return type === MS_SHARED || !recursive;
}

/**
 * Does what `linux.rootfsPropagation` says to the container's own root, once it is one. It is private
 * already where its parent had to be.
 *
 * @param when an unbindable root comes last: read-only paths are bound from it
 */
export function setRootPropagation(
  k: Kernel,
  rootfs: Fd,
  named: RootfsPropagation | undefined,
  when: 'pivoted' | 'masked',
): void {
  if (named === undefined) return;
  const { type, recursive } = types[named];
  if (type === MS_PRIVATE || (type === MS_UNBINDABLE) !== (when === 'masked')) return;
  const flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  k.doing('linux.rootfsPropagation: set the propagation of the new root', () =>
    k.mount_setattr(rootfs, '', flags, { propagation: type }),
  );
}
