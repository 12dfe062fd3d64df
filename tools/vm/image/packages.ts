/** What the host needs: an emulator, and what makes a file system out of packages. */
export const hostPackages = [
  'e2fsprogs',
  'mmdebstrap',
  'qemu-system-x86',
  'util-linux',
  'xz-utils',
] as const;

/** Depends on the package that holds the newest kernel. */
export const kernelPackage = 'linux-image-amd64';

/** What the machine has beside Debian's essential packages. */
export const guestPackages = [
  // systemd as process 1, and its instances for users
  'dbus',
  'dbus-user-session',
  'libpam-systemd',
  'systemd-sysv',
  // other runtimes, to compare with
  'crun',
  'runc',
  // what the tests use
  'apparmor',
  'busybox-static',
  'iproute2',
  'kmod',
  'procps',
  'strace',
  'uidmap',
  // what the host's node is linked to
  'libstdc++6',
] as const;
