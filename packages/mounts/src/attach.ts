import {
  type Fd,
  type Kernel,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
} from '@oci/kernel';

/** Puts a detached mount onto what a descriptor leads to, or onto a name in that directory. */
export function attach(k: Kernel, mount: Fd, target: Fd, name = ''): void {
  const onTarget = name === '' ? MOVE_MOUNT_T_EMPTY_PATH : 0;
  k.move_mount(mount, '', target, name, MOVE_MOUNT_F_EMPTY_PATH | onTarget);
}
