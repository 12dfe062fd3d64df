import { type Pid, Provision, type Stage, text } from '@oci/kernel';
import type { Config, IdMapping } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { makesNew } from './kinds.ts';
import { openProcfs } from './procfs.ts';
import { writeBeneath } from './write-beneath.ts';

/**
 * Maps the ids of a new user namespace (user_namespaces(7)): the host lane writes the maps, then
 * the container lane becomes root in it. In the container lane this comes before anything that
 * makes files, since an id that is not mapped cannot own one.
 */
export function userMapStages(
  config: Config,
  context: NamespaceContext,
  containerPid: Provision<Pid>,
): Stage[] {
  if (!makesNew(config, 'user')) return [];
  const mapped = new Provision('user namespace mapped');
  return [
    {
      name: 'namespaces.user.map',
      lane: 'host',
      category: 'Platform',
      needs: [containerPid],
      provides: [mapped],
      run(k) {
        const directory = k.doing('linux.uidMappings: open /proc of the container', () =>
          openProcfs(k, text`/proc/${containerPid.value}`),
        );
        k.doing('linux.uidMappings: write uid_map', () =>
          writeBeneath(k, directory, 'uid_map', lines(config.linux?.uidMappings)),
        );
        k.doing('linux.gidMappings: write gid_map', () => {
          // Without CAP_SETGID the kernel takes a gid_map only once this is given up (Linux 3.19).
          if (context.rootless) writeBeneath(k, directory, 'setgroups', 'deny');
          writeBeneath(k, directory, 'gid_map', lines(config.linux?.gidMappings));
        });
        k.close(directory);
        mapped.provide();
      },
    },
    {
      name: 'namespaces.user.root',
      lane: 'container',
      category: 'Platform',
      needs: [mapped],
      run(k) {
        k.doing('linux.uidMappings: become root in the user namespace', () => {
          // Denied in a namespace, it is in all below it.
          if (context.setgroups && !context.rootless) k.setgroups([]);
          k.setresgid(0, 0, 0);
          k.setresuid(0, 0, 0);
        });
      },
    },
  ];
}

/** A whole map: the kernel takes one write. */
function lines(mappings: readonly IdMapping[] = []): string {
  return mappings
    .map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`)
    .join('');
}
