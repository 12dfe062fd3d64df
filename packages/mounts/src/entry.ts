import type { Fd } from '@oci/kernel';
import type { ContainerCgroups, MountsConfig, MountsProvisions } from './context.ts';
import { type IdMappedMount, idMappedMount } from './id-mappings.ts';
import type { NewDirectories } from './new-directories.ts';
import { type ParsedOptions, parseOptions } from './options.ts';
import { insideRoot, onHost } from './paths.ts';
import { securityContext } from './security-context.ts';

/** One entry of `mounts`, read. */
export interface MountEntry {
  /** Its place in the list. */
  readonly index: number;
  /** `mounts[0]: mount proc at /proc` */
  readonly what: string;
  readonly type: string;
  readonly source: string | undefined;
  /** The destination, relative to the rootfs. */
  readonly path: string;
  readonly options: ParsedOptions;
  readonly idMapped: IdMappedMount | undefined;
  /** An earlier entry may have mounted a procfs. */
  readonly afterProc: boolean;
}

/** Where entries are mounted, and what they share. */
export interface MountPlace {
  readonly rootfs: Fd;
  readonly directories: NewDirectories;
  readonly provisions: MountsProvisions;
  /** Detached copies of sources that the host lane has opened, by the entry's place. */
  readonly sources: ReadonlyMap<number, Fd>;
  readonly inUserNamespace: boolean;
  readonly inCgroupNamespace: boolean;
  readonly cgroups: ContainerCgroups | undefined;
}

function verb({ bind, remount }: ParsedOptions, type: string, source?: string): string {
  if (remount) return 'remount what is';
  return bind ? `bind ${source}` : `mount ${type}`;
}

/** The kernel's own file systems have labels of their own (runc leaves out the first two likewise). */
const unlabelled: ReadonlySet<string> = new Set(['proc', 'sysfs', 'cgroup', 'cgroup2']);

export function mountEntries(config: MountsConfig, bundle: string): MountEntry[] {
  const { mounts = [], linux } = config;
  const proc = mounts.findIndex(({ type }) => type === 'proc');
  return mounts.map((mount, index) => {
    const { destination, type = '' } = mount;
    const options = parseOptions(mount.options ?? []);
    const bind = options.bind !== undefined && !options.remount;
    const source = bind ? onHost(bundle, mount.source ?? '') : mount.source;
    const label = bind || options.remount || unlabelled.has(type) ? '' : linux?.mountLabel;
    return {
      index,
      what: `mounts[${index}]: ${verb(options, type, source)} at ${destination}`,
      type,
      source,
      path: insideRoot(destination),
      options: label ? { ...options, data: [...options.data, securityContext(label)] } : options,
      idMapped: idMappedMount(mount, config, options),
      afterProc: proc >= 0 && proc < index,
    };
  });
}
