import {
  AT_RECURSIVE,
  type Kernel,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
} from '@oci/kernel';
import { attempt } from './attempt.ts';
import { attributeChanges, setAttributes } from './attributes.ts';
import type { MountEntry, MountPlace } from './entry.ts';
import { likeSource } from './mountpoint.ts';
import { namesAttributes } from './options.ts';
import { refuseProcfs, requireProcfs } from './procfs.ts';
import { statxMemory } from './statx.ts';

/**
 * Binds a file or directory of the host, with its attributes set before it shows anywhere.
 *
 * Options that name flags give the mount exactly those, as `mount --bind -o` should and runc does.
 * In a user namespace some of the source's flags are locked (mount_namespaces(7)); then what was
 * asked for is changed and the rest kept. With `remount` that is what is asked for.
 */
export function mountBind(k: Kernel, entry: MountEntry, place: MountPlace): void {
  const { options, path, source = '' } = entry;
  place.directories.forget(k);
  const recursive = options.bind === 'tree' ? AT_RECURSIVE : 0;
  const tree = k.open_tree(k.cwd, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
  if (path === 'proc') requireProcfs(k, tree);

  const keep = () => setAttributes(k, tree, attributeChanges(options, true));
  if (options.remount || !namesAttributes(options.attributes)) keep();
  else attempt(k, ['EPERM'], () => setAttributes(k, tree, attributeChanges(options, false)), keep);

  const target = likeSource(k, place.rootfs, path, tree, statxMemory(k));
  if (entry.afterProc && path !== 'proc') refuseProcfs(k, path, target);
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  k.move_mount(tree, '', target, '', flags);
  k.close(target);
  k.close(tree);
}
