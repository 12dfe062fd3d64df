import type { DataOption } from './options.ts';

/** The options by which SELinux labels a file system (mount(8), "FILESYSTEM-INDEPENDENT"). */
const keys: ReadonlySet<string> = new Set(['context', 'fscontext', 'defcontext', 'rootcontext']);

/** What gives all files of a new file system this label (config-linux.md, "Mount Label"). */
export function securityContext(label: string): DataOption {
  return { key: 'context', value: label };
}

/** Labels have commas, so that they are quoted in a list of options; by themselves they are not. */
export function unquoted({ key, value }: DataOption): DataOption {
  const quoted = keys.has(key) && value !== undefined && /^".*"$/.test(value);
  return { key, value: quoted ? value.slice(1, -1) : value };
}

/** An option as mount(2) takes it in its list. */
export function listed({ key, value }: DataOption): string {
  if (value === undefined) return key;
  return keys.has(key) ? `${key}="${value}"` : `${key}=${value}`;
}
