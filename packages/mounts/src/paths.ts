import { posix } from 'node:path';

/**
 * A path of the container, relative to its root and without `.` and `..`; the root itself is ''.
 * Relative destinations start from the root too (config.md, "Mounts").
 */
export function insideRoot(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '');
}

/** The directory that a path is in, '' for the root, and the path's last component. */
export function splitPath(path: string): readonly [parent: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
}

/** A path on the host, where relative ones start from the bundle. */
export function onHost(bundle: string, path: string): string {
  return posix.resolve(bundle, path);
}
