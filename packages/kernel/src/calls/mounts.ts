import type { Policy } from '../policy.ts';
import { type MountAttributes, mountAttr } from '../structs.ts';
import type { Text } from '../text.ts';
import type { Fd } from '../values.ts';
import { FileCalls } from './files.ts';

/** Calls on mounts, by descriptor where the kernel can. */
export abstract class MountCalls extends FileCalls {
  /** fsopen(2), Linux 5.2: a context in which a file system is configured. */
  fsopen(type: Text, flags: number, policy?: Policy): Fd {
    return this.invoke('fsopen', [type, flags], policy);
  }

  /** fspick(2), Linux 5.2: a context in which a mounted file system is reconfigured. */
  fspick(dirfd: Fd, path: Text, flags: number, policy?: Policy): Fd {
    return this.invoke('fspick', [dirfd, path, flags], policy);
  }

  /** fsconfig(2), Linux 5.2. */
  fsconfig(
    context: Fd,
    command: number,
    key: Text | null = null,
    value: Text | null = null,
    auxiliary: Fd = 0,
    policy?: Policy,
  ): void {
    this.invoke('fsconfig', [context, command, key, value, auxiliary], policy);
  }

  /** fsmount(2), Linux 5.2: a detached mount with MOUNT_ATTR_* attributes. */
  fsmount(context: Fd, flags: number, attributes: number, policy?: Policy): Fd {
    return this.invoke('fsmount', [context, flags, attributes], policy);
  }

  /** open_tree(2), Linux 5.2; with OPEN_TREE_CLONE a detached copy. */
  open_tree(dirfd: Fd, path: Text, flags: number, policy?: Policy): Fd {
    return this.invoke('open_tree', [dirfd, path, flags], policy);
  }

  /** move_mount(2), Linux 5.2. */
  move_mount(from: Fd, path: Text, to: Fd, target: Text, flags: number, policy?: Policy): void {
    this.invoke('move_mount', [from, path, to, target, flags], policy);
  }

  /** mount_setattr(2), Linux 5.12. */
  mount_setattr(
    dirfd: Fd,
    path: Text,
    flags: number,
    attributes: MountAttributes,
    policy?: Policy,
  ): void {
    const struct = mountAttr(attributes);
    this.invoke('mount_setattr', [dirfd, path, flags, struct, struct.size], policy);
  }

  /** mount(2). */
  mount(
    source: Text | null,
    target: Text,
    type: Text | null,
    flags: number,
    data: Text | null = null,
    policy?: Policy,
  ): void {
    this.invoke('mount', [source, target, type, flags, data], policy);
  }

  umount2(target: Text, flags: number, policy?: Policy): void {
    this.invoke('umount2', [target, flags], policy);
  }

  pivot_root(newRoot: Text, putOld: Text, policy?: Policy): void {
    this.invoke('pivot_root', [newRoot, putOld], policy);
  }
}
