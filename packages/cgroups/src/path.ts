import { type Text, text } from '@oci/kernel';
import type { Config, Issue } from '@oci/spec';
import type { Layout } from './layout.ts';

/** Where a container's cgroup is, in each hierarchy alike. */
export interface CgroupPath {
  /** Below the hierarchy's mountpoint: `/docker/box`. */
  readonly path: Text;
  /** The cgroups above it, from the top, without the root: `['/docker']`. */
  readonly ancestors: readonly string[];
}

const at = 'linux.cgroupsPath';

/**
 * config-linux.md, "Cgroups Path". Absolute and relative paths both start at the mountpoint, so that
 * the same value always names the same place, and an absent one is `/ID`, all as crun has it. Without
 * privileges, relative and absent ones start beside the caller's own cgroup, as runc has it: its own
 * has processes in it, so that version 2 allows no limits below.
 */
export function cgroupPath({ linux }: Config, layout: Layout, id: Text): CgroupPath {
  const { cgroupsPath = '' } = linux ?? {};
  const absolute = cgroupsPath.startsWith('/');
  const names = [...(absolute ? [] : components(layout.own ?? '').slice(0, -1))];
  names.push(...components(cgroupsPath));
  const above = cgroupsPath === '' ? names : names.slice(0, -1);
  const ancestors = above.map((_, index) => `/${above.slice(0, index + 1).join('/')}`);
  const last: Text = cgroupsPath === '' ? id : (names.at(-1) ?? '');
  return { path: text`${ancestors.at(-1) ?? ''}/${last}`, ancestors };
}

export function checkCgroupPath({ linux }: Config): Issue[] {
  const { cgroupsPath = '' } = linux ?? {};
  const fault = cgroupsPath === '' ? undefined : faultOf(cgroupsPath);
  return fault === undefined ? [] : [{ path: at, message: fault }];
}

/** What keeps a path from being a container's cgroup. */
export function faultOf(path: string): string | undefined {
  const names = components(path);
  if (names.includes('..')) return 'must not climb out by ..';
  if (names.length === 0) return 'must not be the root of all cgroups';
  return undefined;
}

/** The names in a path; none of a root's. */
export function components(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
