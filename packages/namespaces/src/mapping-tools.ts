import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Config, IdMapping } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { makesNew } from './kinds.ts';

/** The programs that write maps which an unprivileged user is allowed in /etc/subuid and /etc/subgid. */
export interface MappingTools {
  /** Absolute path of newuidmap(1), where there is one. */
  readonly newuidmap?: string;
  /** Absolute path of newgidmap(1), where there is one. */
  readonly newgidmap?: string;
}

type Runtime = Pick<NamespaceContext, 'rootless' | 'euid' | 'egid'>;

/** A map of ids, and who may write it. */
export interface IdMap {
  readonly path: 'linux.uidMappings' | 'linux.gidMappings';
  /** Its file below /proc/PID. */
  readonly file: 'uid_map' | 'gid_map';
  readonly mappings: readonly IdMapping[];
  readonly tool: 'newuidmap' | 'newgidmap';
  /** The kernel lets an unprivileged process map one id, its own, and no more (user_namespaces(7)). */
  readonly needsTool: boolean;
}

export function idMaps({ linux }: Config, { rootless, euid, egid }: Runtime): [IdMap, IdMap] {
  const needsTool = ([only, ...more]: readonly IdMapping[], own: number) =>
    rootless && (more.length > 0 || only?.size !== 1 || only.hostID !== own);
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  return [
    {
      path: 'linux.uidMappings',
      file: 'uid_map',
      mappings: uidMappings,
      tool: 'newuidmap',
      needsTool: needsTool(uidMappings, euid),
    },
    {
      path: 'linux.gidMappings',
      file: 'gid_map',
      mappings: gidMappings,
      tool: 'newgidmap',
      needsTool: needsTool(gidMappings, egid),
    },
  ];
}

/**
 * Finds the programs that this config needs, and looks for no others.
 *
 * @param path directories, as in the environment variable PATH
 */
export function findMappingTools(
  config: Config,
  runtime: Runtime,
  path = process.env.PATH ?? '',
): MappingTools {
  if (!makesNew(config, 'user')) return {};
  const found = idMaps(config, runtime)
    .filter(({ needsTool }) => needsTool)
    .flatMap(({ tool }) => {
      const file = findProgram(tool, path);
      return file === undefined ? [] : [[tool, file] as const];
    });
  return Object.fromEntries(found);
}

function findProgram(name: string, path: string): string | undefined {
  return path
    .split(':')
    .filter(isAbsolute)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
