import {
  type Fd,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_CMD_RECONFIGURE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
  FSMOUNT_CLOEXEC,
  FSOPEN_CLOEXEC,
  FSPICK_CLOEXEC,
  FSPICK_EMPTY_PATH,
  type Kernel,
  type Text,
  text,
  type Value,
} from '@oci/kernel';
import type { SuperblockFlag } from './option-table.ts';
import type { ParsedOptions } from './options.ts';

/** What a file system is made from. */
export interface FileSystem {
  readonly type: string;
  readonly source: string | undefined;
  readonly options: Pick<ParsedOptions, 'superblock' | 'data'>;
}

/** fsconfig(2) takes no longer strings (fs/fsopen.c). */
const LONGEST = 255;

/** The names of the flags' opposites (fs/fs_context.c). */
const opposites: Partial<Record<SuperblockFlag, string>> = {
  ro: 'rw',
  sync: 'async',
  lazytime: 'nolazytime',
  mand: 'nomand',
};

/**
 * Whether fsconfig(2) cannot say it: a value is too long (overlayfs with many layers), or a flag has
 * no name there.
 */
export function needsMountCall({ source = '', options }: FileSystem): boolean {
  const long = (string: string) => Buffer.byteLength(string) > LONGEST;
  return (
    options.superblock.get('iversion') === true ||
    options.superblock.get('acl') === true ||
    long(source) ||
    options.data.some(({ key, value = '' }) => long(key) || long(value))
  );
}

/** A new file system as a detached mount. `mode` is the root directory's, where given (tmpfs). */
export function makeFileSystem(
  k: Kernel,
  { type, source, options }: FileSystem,
  attributes: number,
  mode?: Value,
): Fd {
  const context = k.fsopen(type, FSOPEN_CLOEXEC);
  if (source !== undefined && source !== '')
    k.fsconfig(context, FSCONFIG_SET_STRING, 'source', source);
  for (const [flag, on] of options.superblock) if (on) k.fsconfig(context, FSCONFIG_SET_FLAG, flag);
  if (mode !== undefined) k.fsconfig(context, FSCONFIG_SET_STRING, 'mode', octal(k, mode));
  setData(k, context, options);
  k.fsconfig(context, FSCONFIG_CMD_CREATE);
  const mount = k.fsmount(context, FSMOUNT_CLOEXEC, attributes);
  k.close(context);
  return mount;
}

/** Changes a mounted file system: what `remount` does beyond the attributes of one mount. */
export function reconfigure(k: Kernel, mounted: Fd, options: FileSystem['options']): void {
  const context = k.fspick(mounted, '', FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
  for (const [flag, on] of options.superblock) {
    const name = on ? flag : opposites[flag];
    if (name !== undefined) k.fsconfig(context, FSCONFIG_SET_FLAG, name);
  }
  setData(k, context, options);
  k.fsconfig(context, FSCONFIG_CMD_RECONFIGURE);
  k.close(context);
}

function setData(k: Kernel, context: Fd, { data }: FileSystem['options']): void {
  for (const { key, value } of data)
    if (value === undefined)
      k.doing(`option ${key}`, () => k.fsconfig(context, FSCONFIG_SET_FLAG, key));
    else
      k.doing(`option ${key}=${value}`, () => k.fsconfig(context, FSCONFIG_SET_STRING, key, value));
}

/** Permission bits in octal, digit by digit: templates write numbers in decimal. */
function octal(k: Kernel, mode: Value): Text {
  const digit = (shift: number) => k.compute(k.compute(mode, '>>', shift), '&', 7);
  return text`${digit(9)}${digit(6)}${digit(3)}${digit(0)}`;
}
