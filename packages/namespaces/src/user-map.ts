import {
  type AnyProvision,
  compare,
  type Fd,
  type Kernel,
  type Pid,
  Provision,
  SIG_SETMASK,
  type Stage,
  type Text,
  text,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { allowsGroups, givesGroupsUp } from './groups.ts';
import { joined, makesNew } from './kinds.ts';
import { type IdMap, idMaps } from './mapping-tools.ts';
import { openProcfs } from './procfs.ts';
import { writeBeneath } from './write-beneath.ts';

/**
 * Makes the container process root of its user namespace (user_namespaces(7)). Of a new one, the host
 * lane writes the maps of ids first. In the container lane this comes before anything that makes
 * files, since an id that is not mapped cannot own one.
 */
export function userMapStages(
  config: Config,
  context: NamespaceContext,
  containerPid: Provision<Pid>,
): Stage[] {
  if (makesNew(config, 'user')) return mapStages(config, context, containerPid);
  const [entry] = joined(config).filter(({ type }) => type === 'user');
  if (entry === undefined) return [];
  const path = `linux.namespaces[${entry.index}].path`;
  // Whether its maker has given setgroups up is not known before.
  return [becomeRoot(path, [], (k) => k.setgroups([], { allow: ['EPERM'] }))];
}

function mapStages(
  config: Config,
  context: NamespaceContext,
  containerPid: Provision<Pid>,
): Stage[] {
  const maps = idMaps(config, context);
  const deniesGroups = givesGroupsUp(config, context);
  const mapped = new Provision('user namespace mapped');
  const map: Stage = {
    name: 'namespaces.user.map',
    lane: 'host',
    category: 'Platform',
    needs: [containerPid],
    provides: [mapped],
    run(k) {
      const pid = containerPid.value;
      const directory = maps.every(({ needsTool }) => needsTool)
        ? undefined
        : k.doing('linux.uidMappings: open /proc of the container', () =>
            openProcfs(k, text`/proc/${pid}`),
          );
      for (const each of maps) {
        if (directory === undefined || each.needsTool) runTool(k, each, context, pid);
        else writeMap(k, each, directory, deniesGroups);
      }
      if (directory !== undefined) k.close(directory);
      mapped.provide();
    },
  };
  const root = becomeRoot('linux.uidMappings', [mapped], (k) => {
    if (allowsGroups(config, context)) k.setgroups([]);
  });
  return [map, root];
}

/** Writes a whole map: the kernel takes one write. */
function writeMap(k: Kernel, map: IdMap, directory: Fd, deniesGroups: boolean): void {
  const { path, file, mappings } = map;
  const lines = mappings.map(
    ({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`,
  );
  k.doing(`${path}: write ${file}`, () => {
    if (file === 'gid_map' && deniesGroups) writeBeneath(k, directory, 'setgroups', 'deny');
    writeBeneath(k, directory, file, lines.join(''));
  });
}

/** Has newuidmap(1) or newgidmap(1) write a map. It says itself what it does not allow. */
function runTool(k: Kernel, map: IdMap, { mappingTools }: NamespaceContext, pid: Pid): void {
  const { path, tool, mappings } = map;
  const program = mappingTools?.[tool];
  if (program === undefined) throw new Error(`${path} needs ${tool}, which was not looked for`);
  const ids = mappings.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size]);
  const args: readonly Text[] = [tool, text`${pid}`, ...ids.map(String)];
  k.doing(`${path}: run ${program}`, () => {
    const child = k.vfork(() => {
      // A lane that supervises blocks all signals.
      k.rt_sigprocmask(SIG_SETMASK, []);
      k.execve(program, args, []);
    });
    const status = k.memory('status', 4);
    k.wait4(child, status, 0);
    k.when(compare(k.load(status, 0, 4), '!=', 0), () => k.fail('failed'));
  });
}

function becomeRoot(
  path: string,
  needs: readonly AnyProvision[],
  leaveGroups: (k: Kernel) => void,
): Stage {
  return {
    name: 'namespaces.user.root',
    lane: 'container',
    category: 'Platform',
    needs,
    run: (k) =>
      k.doing(`${path}: become root in the user namespace`, () => {
        leaveGroups(k);
        k.setresgid(0, 0, 0);
        k.setresuid(0, 0, 0);
      }),
  };
}
