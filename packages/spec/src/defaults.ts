import type { Config } from './config/config.ts';
import type { Linux } from './config/linux/linux.ts';
import type { NamespaceType } from './config/linux/namespaces.ts';
import type { Mount } from './config/mounts.ts';

/** The version of the specification that this package implements. */
export const ociVersion = '1.3.0';

export interface DefaultConfigOptions {
  /** For a user without privileges: a user namespace, no network namespace, no resources. */
  readonly rootless?: boolean;
  /** The host's id that becomes root in a rootless container: 0 unless given. */
  readonly uid?: number;
  readonly gid?: number;
  /** Adds a cgroup namespace, as runc does where the host has cgroup v2 alone. */
  readonly cgroupNamespace?: boolean;
}

/**
 * What `runc spec` and `runc spec --rootless` write, in the same order of fields. As in runc 1.2 and
 * later, no ambient capabilities: without inheritable ones they could not be granted.
 */
export function defaultConfig(options: DefaultConfigOptions = {}): Config {
  const { rootless = false } = options;
  return {
    ociVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: {
        bounding: defaultCapabilities(),
        effective: defaultCapabilities(),
        permitted: defaultCapabilities(),
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'runc',
    mounts: defaultMounts(rootless),
    linux: defaultLinux(options),
  };
}

function defaultCapabilities(): string[] {
  return ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
}

function defaultMounts(rootless: boolean): Mount[] {
  // Group 5 is tty; a rootless container maps one group only, so it cannot be named there.
  const tty = rootless ? [] : ['gid=5'];
  // Without a network namespace of its own a container may not mount sysfs.
  const sys: Mount = rootless
    ? {
        destination: '/sys',
        type: 'none',
        source: '/sys',
        options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
      }
    : {
        destination: '/sys',
        type: 'sysfs',
        source: 'sysfs',
        options: ['nosuid', 'noexec', 'nodev', 'ro'],
      };
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...tty],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
    },
    {
      destination: '/dev/mqueue',
      type: 'mqueue',
      source: 'mqueue',
      options: ['nosuid', 'noexec', 'nodev'],
    },
    sys,
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
    },
  ];
}

function defaultLinux(options: DefaultConfigOptions): Linux {
  const { rootless = false, uid = 0, gid = 0, cgroupNamespace = false } = options;
  const types: NamespaceType[] = ['pid'];
  if (!rootless) types.push('network');
  types.push('ipc', 'uts', 'mount');
  if (cgroupNamespace) types.push('cgroup');
  if (rootless) types.push('user');
  const own: Linux = rootless
    ? {
        uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      }
    : { resources: { devices: [{ allow: false, access: 'rwm' }] } };
  return {
    ...own,
    namespaces: types.map((type) => ({ type })),
    maskedPaths: [
      '/proc/acpi',
      '/proc/asound',
      '/proc/kcore',
      '/proc/keys',
      '/proc/latency_stats',
      '/proc/timer_list',
      '/proc/timer_stats',
      '/proc/sched_debug',
      '/sys/firmware',
      '/proc/scsi',
    ],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  };
}
