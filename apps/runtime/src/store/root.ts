import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '@oci/cache';
import { ContainerError } from './errors.ts';

export interface Caller {
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the caller is in a user namespace other than the first. */
  readonly inUserNamespace: boolean;
}

export function currentCaller(): Caller {
  return {
    uid: process.geteuid?.() ?? 0,
    env: process.env,
    inUserNamespace: isMapped(readFileSync('/proc/self/uid_map', 'utf8')),
  };
}

/** Only the first user namespace maps all ids to themselves. */
export function isMapped(uidMap: string): boolean {
  return uidMap.trim().split(/\s+/).join(' ') !== '0 0 4294967295';
}

/** Where containers are kept unless the caller says otherwise. */
export function defaultRoot(caller: Caller): string {
  const { uid, env } = caller;
  if (!isRootless(caller)) return '/run/ocirun';
  const runtimeDirectory = env.XDG_RUNTIME_DIR;
  if (runtimeDirectory) return join(runtimeDirectory, 'ocirun');
  return uid === 0 ? '/run/ocirun' : `/tmp/ocirun-${uid}`;
}

/** As runc has it: root in a user namespace that a user made for himself is that user still. */
function isRootless({ uid, env, inUserNamespace }: Caller): boolean {
  if (uid !== 0) return true;
  return inUserNamespace && env.USER !== 'root';
}

/** Makes the root directory, for its owner alone. */
export function prepareRoot(root: string): void {
  makeDirectory(root);
}

/** @throws ContainerError when the directory exists and is neither this user's nor root's. */
export function checkRoot(root: string, uid = process.geteuid?.() ?? 0): void {
  const found = lstatSync(root, { throwIfNoEntry: false });
  if (!found || found.uid === uid || found.uid === 0) return;
  throw new ContainerError('UNSUPPORTED', `${root} belongs to another user (uid ${found.uid})`);
}
