import {
  CLONE_NEWUSER,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
  P_PID,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  type Text,
  text,
  WEXITED,
} from '@oci/kernel';
import type { IdMapping } from '@oci/spec';
import type { IdMap } from './id-mappings.ts';
import { requireProcfs } from './procfs.ts';

/** A user namespace with these mappings, for mount_setattr(2) with MOUNT_ATTR_IDMAP. */
export function mappedNamespace(k: Kernel, map: IdMap): Fd {
  if ('path' in map)
    // A FIFO in its place must not stop the start.
    return k.openat(k.cwd, map.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  // It need not live: until it is waited for, its files in /proc are there.
  const child = k.vfork(() => k.unshare(CLONE_NEWUSER));
  const directory = k.openat2(k.cwd, text`/proc/${child}`, {
    flags: O_PATH | O_DIRECTORY | O_CLOEXEC,
    resolve: RESOLVE_NO_SYMLINKS,
  });
  requireProcfs(k, directory, '/proc is not a proc file system');
  write(k, directory, 'uid_map', lines(map.uids));
  write(k, directory, 'gid_map', lines(map.gids));
  const namespace = k.openat(directory, 'ns/user', O_RDONLY | O_CLOEXEC);
  k.close(directory);
  k.waitid(P_PID, child, null, WEXITED);
  return namespace;
}

/** A whole map: the kernel takes one write (user_namespaces(7)). */
function lines(mappings: readonly IdMapping[]): string {
  return mappings
    .map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`)
    .join('');
}

function write(k: Kernel, directory: Fd, name: string, map: Text): void {
  k.doing(`write ${name}`, () => {
    const file = k.openat2(directory, name, {
      flags: O_WRONLY | O_CLOEXEC,
      resolve: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
    });
    k.writeText(file, map);
    k.close(file);
  });
}
