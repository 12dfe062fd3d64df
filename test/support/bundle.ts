import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const applets = 'sh cat echo env hostname id ls pwd sleep stat touch true wc'.split(' ');

// biome-ignore lint/suspicious/noExplicitAny: a test may write anything into a config.
export type LooseConfig = Record<string, any>;

/** A bundle in a temporary directory: busybox in its rootfs, and runc's default config. */
export class TestBundle {
  readonly path = mkdtempSync(join(tmpdir(), 'ocirun-test-'));
  readonly config: LooseConfig = defaults();

  constructor() {
    // User namespaces and ordinary users have to get in.
    chmodSync(this.path, 0o755);
    for (const directory of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp'])
      mkdirSync(join(this.rootfs, directory), { recursive: true });
    copyFileSync('/bin/busybox', join(this.rootfs, 'bin/busybox'));
    for (const applet of applets) symlinkSync('busybox', join(this.rootfs, 'bin', applet));
    writeFileSync(
      join(this.rootfs, 'etc/passwd'),
      'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n',
    );
    this.write();
  }

  get rootfs(): string {
    return join(this.path, 'rootfs');
  }

  /** Changes the config and writes it. */
  with(change: (config: LooseConfig) => void): this {
    change(this.config);
    return this.write();
  }

  /** Runs this shell script. */
  script(script: string): this {
    return this.with(({ process }) => {
      process.args = ['sh', '-c', script];
    });
  }

  write(text = JSON.stringify(this.config)): this {
    writeFileSync(join(this.path, 'config.json'), text);
    return this;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const capabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
const flags = ['nosuid', 'noexec', 'nodev'];

function defaults(): LooseConfig {
  return {
    ociVersion: '1.3.0',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['true'],
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: {
        bounding: [...capabilities],
        effective: [...capabilities],
        permitted: [...capabilities],
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'box',
    mounts: [
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
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      },
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'shm',
        options: [...flags, 'mode=1777', 'size=65536k'],
      },
      { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: flags },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...flags, 'ro'] },
    ],
    linux: {
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      maskedPaths: ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
}

/** Makes a config one that an ordinary user can start. */
export function makeRootless(config: LooseConfig, uid: number, gid: number): void {
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: uid, size: 1 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: gid, size: 1 }];
  for (const mount of config.mounts)
    mount.options = mount.options?.filter((option: string) => option !== 'gid=5');
}
