import type { Fd } from '@oci/kernel';
import type { Mount } from '@oci/spec';
import type { MountsProvisions } from './context.ts';
import type { NewDirectories } from './new-directories.ts';
import { type ParsedOptions, parseOptions } from './options.ts';
import { insideRoot, onHost } from './paths.ts';

/** One entry of `mounts`, read. */
export interface MountEntry {
  /** `mounts[0]: mount proc at /proc` */
  readonly what: string;
  readonly type: string;
  readonly source: string | undefined;
  /** The destination, relative to the rootfs. */
  readonly path: string;
  readonly options: ParsedOptions;
  /** An earlier entry may have mounted a procfs. */
  readonly afterProc: boolean;
}

/** Where entries are mounted, and what they share. */
export interface MountPlace {
  readonly rootfs: Fd;
  readonly directories: NewDirectories;
  readonly provisions: MountsProvisions;
}

export function mountEntries(mounts: readonly Mount[], bundle: string): MountEntry[] {
  const proc = mounts.findIndex(({ type }) => type === 'proc');
  return mounts.map((mount, index) => {
    const { destination, type = '' } = mount;
    const options = parseOptions(mount.options ?? []);
    const bind = options.bind !== undefined;
    const source = bind ? onHost(bundle, mount.source ?? '') : mount.source;
    return {
      what: `mounts[${index}]: ${bind ? `bind ${source}` : `mount ${type}`} at ${destination}`,
      type,
      source,
      path: insideRoot(destination),
      options,
      afterProc: proc >= 0 && proc < index,
    };
  });
}
