/** One tree of cgroups (cgroups(7)): a mount of `cgroup` (version 1) or `cgroup2`. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /**
   * The controllers that are in it, by the names of /proc/self/cgroup; of version 2 those that can be
   * enabled below its root. A named hierarchy has none.
   */
  readonly controllers: readonly string[];
  /** Of a hierarchy without controllers (version 1): `systemd` for `name=systemd`. */
  readonly name?: string;
  /** An absolute path: `/sys/fs/cgroup/memory`. */
  readonly mountpoint: string;
}

/**
 * How cgroups are laid out on this host. Plain values only, so that it can be part of a key: a
 * launcher is valid while its layout is.
 */
export interface Layout {
  /** Version 2 alone, version 1 with version 2 beside it, or version 1 alone. */
  readonly kind: 'unified' | 'hybrid' | 'legacy';
  /** All mounted hierarchies of version 1. */
  readonly hierarchies: readonly Hierarchy[];
  /** The hierarchy of version 2, unless the layout is `legacy`. */
  readonly unified?: Hierarchy;
  /**
   * Beside version 1: whether the caller is below the root of version 2, so that somebody, such as
   * systemd, keeps track of processes there.
   */
  readonly tracked?: boolean;
  /**
   * The caller's own cgroup in the unified hierarchy (`/user.slice/…`), where it has no privileges
   * and can only make cgroups near its own.
   */
  readonly own?: string;
  /** The files of a cgroup whose owner changes when it is delegated: /sys/kernel/cgroup/delegate. */
  readonly delegated?: readonly string[];
}

/** Every hierarchy that a container's process is put in; version 2 comes last. */
export function allHierarchies({ hierarchies, unified }: Layout): readonly Hierarchy[] {
  return unified ? [...hierarchies, unified] : hierarchies;
}

/** The hierarchy that a controller is in: a controller is never in two (cgroups(7)). */
export function hierarchyOf(layout: Layout, controller: string): Hierarchy | undefined {
  return allHierarchies(layout).find(({ controllers }) => controllers.includes(controller));
}
