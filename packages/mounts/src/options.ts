import { MOUNT_ATTR__ATIME } from '@oci/kernel';
import { type MountOption, mountOptions, type SuperblockFlag } from './option-table.ts';
import { unquoted } from './security-context.ts';

/** MOUNT_ATTR_* bits to set and to clear. */
export interface Attributes {
  readonly set: number;
  readonly clear: number;
}

export interface Propagation {
  /** One of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE. */
  readonly type: number;
  readonly recursive: boolean;
}

/** A file system's own option. */
export interface DataOption {
  readonly key: string;
  /** `undefined` for a flag. */
  readonly value: string | undefined;
}

/** What the options of a mount come to. */
export interface ParsedOptions {
  readonly bind: 'mount' | 'tree' | undefined;
  readonly remount: boolean;
  /** Of the mount itself. */
  readonly attributes: Attributes;
  /** Of it and all beneath. */
  readonly recursive: Attributes;
  readonly superblock: ReadonlyMap<SuperblockFlag, boolean>;
  /** In the order given: `slave` and then `shared` is something else than either. */
  readonly propagation: readonly Propagation[];
  readonly data: readonly DataOption[];
  /** Copies into a tmpfs what it covers. */
  readonly copyUp: boolean;
  /** Maps the owners of files, of one mount or of all beneath it too. */
  readonly idMap: 'mount' | 'tree' | undefined;
  /** A symbolic link at the end of the path is meant itself, not what it leads to. */
  readonly noFollow: { readonly source: boolean; readonly destination: boolean };
}

export const noAttributes: Attributes = { set: 0, clear: 0 };

/** What both come to, where the later decides. */
export function combine(
  earlier: Attributes,
  { set = 0, clear = 0 }: Partial<Attributes>,
): Attributes {
  return {
    set: (earlier.set & ~clear) | set,
    // The access-time field is cleared as a whole even when something in it is set.
    clear: (earlier.clear & (~set | MOUNT_ATTR__ATIME)) | clear,
  };
}

export function namesAttributes({ set, clear }: Attributes): boolean {
  return set !== 0 || clear !== 0;
}

/** What an option string means, or `undefined` where it is the file system's own. */
export function mountOption(option: string): MountOption | undefined {
  return Object.hasOwn(mountOptions, option) ? mountOptions[option] : undefined;
}

/**
 * Reads `mounts[].options` (config.md, "Linux mount options"). Options that are not in the table are
 * the file system's own.
 */
export function parseOptions(options: readonly string[]): ParsedOptions {
  let bind: ParsedOptions['bind'];
  let remount = false;
  let attributes = noAttributes;
  let recursive = noAttributes;
  const superblock = new Map<SuperblockFlag, boolean>();
  const propagation: Propagation[] = [];
  const data: DataOption[] = [];
  let copyUp = false;
  let idMap: ParsedOptions['idMap'];
  const noFollow = { source: false, destination: false };
  for (const option of options) {
    const known = mountOption(option);
    if (known === undefined) {
      data.push(...dataOptions(option));
      continue;
    }
    bind = known.bind === undefined || bind === 'tree' ? bind : known.bind;
    remount ||= known.remount ?? false;
    copyUp ||= known.copyUp ?? false;
    idMap = known.idMap === undefined || idMap === 'tree' ? idMap : known.idMap;
    if (known.noFollow) noFollow[known.noFollow] = true;
    if (known.recursive) recursive = combine(recursive, known);
    else attributes = combine(attributes, known);
    if (known.superblock) superblock.set(...known.superblock);
    if (known.propagation !== undefined)
      propagation.push({ type: known.propagation, recursive: known.recursive ?? false });
  }
  const flags = { attributes, recursive, superblock, propagation };
  return { bind, remount, ...flags, data, copyUp, idMap, noFollow };
}

/**
 * Engines also write several options into one string, as mount(2) would take them. A comma behind
 * a backslash (overlayfs) or between quotes (SELinux) belongs to the value.
 */
function dataOptions(option: string): DataOption[] {
  const parts = option.match(/(?:\\.|"[^"]*"|[^,])+/g) ?? [];
  return parts.map((part) => {
    const equals = part.indexOf('=');
    return equals < 1
      ? { key: part, value: undefined }
      : unquoted({ key: part.slice(0, equals), value: part.slice(equals + 1) });
  });
}
