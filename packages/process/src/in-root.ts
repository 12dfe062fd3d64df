import {
  AT_FDCWD,
  type Fd,
  type Provision,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
} from '@oci/kernel';

/** How openat2(2) is to look up an absolute path of the container. */
export interface InRoot {
  readonly directory: Fd;
  readonly resolve: number;
}

/**
 * Below `root`, or from the process's own root, which an absolute path cannot leave. Never through
 * a magic link: /proc/self/fd leads out of any root.
 */
export function inRoot(root: Provision<Fd> | undefined): InRoot {
  return root === undefined
    ? { directory: AT_FDCWD, resolve: RESOLVE_NO_MAGICLINKS }
    : { directory: root.value, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
}
