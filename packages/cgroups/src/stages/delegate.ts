import { AT_EMPTY_PATH, type Fd, type Kernel } from '@oci/kernel';
import type { Config } from '@oci/spec';
import type { Layout } from '../layout.ts';
import { components } from '../path.ts';

const NOBODY = -1;
const types = new Set(['cgroup', 'cgroup2']);

/**
 * config-linux.md, "Cgroup ownership": the host's user id that a container's cgroup is handed to,
 * where the container is to write to it: it has a cgroup namespace of its own, and cgroups mounted
 * for writing. `undefined` where the owner stays.
 */
export function delegatee(config: Config, layout: Layout): number | undefined {
  if (layout.kind !== 'unified') return undefined;
  const { linux = {}, mounts = [], process } = config;
  const hasNamespace = linux.namespaces?.some(
    ({ type, path }) => type === 'cgroup' && path === undefined,
  );
  const isWritable = mounts.some(
    ({ type = '', destination, options = [] }) =>
      types.has(type) &&
      components(destination).join('/') === 'sys/fs/cgroup' &&
      options.findLast((option) => option === 'ro' || option === 'rw') !== 'ro',
  );
  if (!hasNamespace || !isWritable) return undefined;
  const uid = process?.user?.uid ?? 0;
  const mapping = linux.uidMappings?.find(
    ({ containerID, size }) => uid >= containerID && uid < containerID + size,
  );
  const owner = mapping ? mapping.hostID + uid - mapping.containerID : uid;
  // Root owns what root makes.
  return owner === 0 ? undefined : owner;
}

/** Hands over an open cgroup directory, and of its files those that may be (cgroups(7)). */
export function delegate(k: Kernel, directory: Fd, owner: number, files: readonly string[]): void {
  k.doing(`hand the cgroup over to user ${owner}`, () => {
    k.fchownat(directory, '', owner, NOBODY, AT_EMPTY_PATH);
    for (const file of files) k.fchownat(directory, file, owner, NOBODY, 0, { allow: ['ENOENT'] });
  });
}
