import { readFileSync, statfsSync } from 'node:fs';
import { CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC } from '@oci/kernel';
import type { Hierarchy, Layout } from './layout.ts';
import { findCgroupMounts } from './mountinfo.ts';
import { parseProcCgroup } from './proc-cgroup.ts';

/** What of the host is looked at. */
export interface LayoutSources {
  /** The file's text; `undefined` where there is none. */
  read(path: string): string | undefined;
  /** The type of the file system at this path (statfs(2), f_type); `undefined` where nothing is. */
  fileSystem(path: string): number | undefined;
}

export interface DetectOptions {
  /** Where cgroups are mounted. */
  readonly root?: string;
  /** The caller has no privileges: its own cgroup becomes part of the layout. */
  readonly rootless?: boolean;
  readonly sources?: LayoutSources;
}

/**
 * Finds out how cgroups are laid out: on a unified host by statfs(2) and `cgroup.controllers`, on
 * others by /proc/self/cgroup, whose lists of controllers are what their directories are called.
 * /proc/self/mountinfo is read, once, only where they are called otherwise.
 */
export function detectLayout(options: DetectOptions = {}): Layout {
  const { root = '/sys/fs/cgroup', rootless = false, sources = host } = options;
  if (sources.fileSystem(root) === CGROUP2_SUPER_MAGIC) {
    return {
      kind: 'unified',
      hierarchies: [],
      unified: unifiedAt(root, sources),
      ...(rootless ? { own: ownCgroup(sources) } : {}),
      delegated: words(sources.read('/sys/kernel/cgroup/delegate')) ?? fallbackDelegated,
    };
  }
  const hierarchies = legacyHierarchies(root, sources);
  const beside = `${root}/unified`;
  if (sources.fileSystem(beside) !== CGROUP2_SUPER_MAGIC) return { kind: 'legacy', hierarchies };
  const unified = unifiedAt(beside, sources);
  return { kind: 'hybrid', hierarchies, unified, tracked: ownCgroup(sources) !== '/' };
}

/** What config-linux.md, "Cgroup ownership", names for kernels without a list (before Linux 4.15). */
const fallbackDelegated = ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'] as const;

function unifiedAt(mountpoint: string, sources: LayoutSources): Hierarchy {
  const controllers = words(sources.read(`${mountpoint}/cgroup.controllers`)) ?? [];
  return { version: 2, controllers, mountpoint };
}

function legacyHierarchies(root: string, sources: LayoutSources): Hierarchy[] {
  const listed = parseProcCgroup(sources.read('/proc/self/cgroup') ?? '').filter(
    ({ version }) => version === 1,
  );
  const found = listed.map(({ controllers, name }): Hierarchy => {
    const mountpoint = `${root}/${name ?? controllers.join(',')}`;
    return { version: 1, controllers, mountpoint, ...(name === undefined ? {} : { name }) };
  });
  const isMounted = ({ mountpoint }: Hierarchy) =>
    sources.fileSystem(mountpoint) === CGROUP_SUPER_MAGIC;
  if (found.every(isMounted)) return found;
  const mounts = findCgroupMounts(sources.read('/proc/self/mountinfo') ?? '');
  return found.flatMap((hierarchy) => {
    if (isMounted(hierarchy)) return [hierarchy];
    const mountpoint = mounts.find(hierarchy);
    return mountpoint === undefined ? [] : [{ ...hierarchy, mountpoint }];
  });
}

function ownCgroup(sources: LayoutSources): string {
  const entries = parseProcCgroup(sources.read('/proc/self/cgroup') ?? '');
  return entries.find(({ version }) => version === 2)?.path ?? '/';
}

function words(text: string | undefined): string[] | undefined {
  return text?.split(/\s+/).filter((word) => word !== '');
}

const host: LayoutSources = {
  read: (path) => ifThere(() => readFileSync(path, 'utf8')),
  fileSystem: (path) => ifThere(() => statfsSync(path).type),
};

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

export type { Hierarchy, Layout } from './layout.ts';
