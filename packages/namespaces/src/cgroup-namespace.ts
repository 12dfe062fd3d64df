import { type AnyProvision, CLONE_NEWCGROUP, type Stage } from '@oci/kernel';
import type { Config } from '@oci/spec';
import { makesNew } from './kinds.ts';

/**
 * Makes the cgroup namespace (cgroup_namespaces(7)), whose root is the cgroup that the container is
 * in by then: `joined` is what tells so, where another lane puts it there.
 */
export function cgroupNamespaceStages(
  config: Config,
  joined: readonly AnyProvision[] = [],
): Stage[] {
  if (!makesNew(config, 'cgroup')) return [];
  return [
    {
      name: 'namespaces.cgroup',
      lane: 'container',
      category: 'Platform',
      needs: joined,
      run: (k) =>
        k.doing('linux.namespaces: make the cgroup namespace', () => k.unshare(CLONE_NEWCGROUP)),
    },
  ];
}
