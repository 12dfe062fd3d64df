import { MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE } from '@oci/kernel';
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
 * What `linux.rootfsPropagation` does to the container's own root, once it is one. It is private
 * already where its parent had to be.
 */
export function rootPropagation(named: RootfsPropagation | undefined): Propagation | undefined {
  return named === undefined || types[named].type === MS_PRIVATE ? undefined : types[named];
}
