const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

/**
 * `runc spec`'s default config, on this machine's programs; in a user namespace unless we are root.
 * @param {{ command: readonly string[], directories: readonly string[] }} container
 */
export function demoConfig({ command, directories }) {
  const user = currentUser();
  return {
    ociVersion: '1.3.0',
    hostname: 'demo',
    process: {
      user: { uid: 0, gid: 0 },
      args: command,
      env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        `TERM=${process.env.TERM ?? 'dumb'}`,
        'HOME=/tmp',
      ],
      cwd: '/',
      capabilities: {
        bounding: capabilities,
        effective: capabilities,
        permitted: capabilities,
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
      mount('/dev/pts', 'devpts', [
        'nosuid',
        'noexec',
        'newinstance',
        'ptmxmode=0666',
        'mode=0620',
        // A user namespace of one id has no group 5, tty.
        ...(user.isRoot ? ['gid=5'] : []),
      ]),
      mount('/dev/shm', 'tmpfs', ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']),
      mount('/dev/mqueue', 'mqueue', ['nosuid', 'noexec', 'nodev']),
      mount('/sys', 'sysfs', ['nosuid', 'noexec', 'nodev', 'ro']),
      mount('/tmp', 'tmpfs', ['nosuid', 'nodev', 'mode=1777']),
      // What is mounted below them is to be read-only too.
      ...directories.map((directory) => ({
        destination: directory,
        type: 'bind',
        source: directory,
        options: ['rbind', 'rro', 'rnosuid', 'rnodev'],
      })),
    ],
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'network' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        ...(user.isRoot ? [] : [{ type: 'user' }]),
      ],
      ...(user.isRoot
        ? {}
        : { uidMappings: [onlyRoot(user.uid)], gidMappings: [onlyRoot(user.gid)] }),
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
    },
  };
}

function currentUser() {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  return { uid, gid, isRoot: uid === 0 };
}

/** @param {number} id outside, that is root inside */
function onlyRoot(id) {
  return { containerID: 0, hostID: id, size: 1 };
}

/**
 * @param {string} destination
 * @param {string} type
 * @param {string[]} options
 */
function mount(destination, type, options) {
  return { destination, type, source: type, options };
}
