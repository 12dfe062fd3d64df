import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';

const container = useBundle();

/** A device of a config, and what `stat -c "%F %t:%T %a %u:%g"` tells of it. */
const devices = [
  [{ type: 'c', major: 1, minor: 5 }, 'character special file 1:5 666 0:0'],
  [{ type: 'u', major: 1, minor: 5 }, 'character special file 1:5 666 0:0'],
  [{ type: 'b', major: 7, minor: 255 }, 'block special file 7:ff 666 0:0'],
  [{ type: 'p' }, 'fifo 0:0 666 0:0'],
  // 12 bits of major and 20 of minor number (makedev(3)); a minor beyond 8 bits is laid out apart.
  [{ type: 'c', major: 4095, minor: 1048575 }, 'character special file fff:fffff 666 0:0'],
  [
    { type: 'c', major: 1, minor: 3, fileMode: 0o640, uid: 7, gid: 8 },
    'character special file 1:3 640 7:8',
  ],
  [{ type: 'p', fileMode: 0o622, uid: 1000 }, 'fifo 0:0 622 1000:0'],
] as const;

describe('linux.devices', () => {
  it.each(devices)('makes %j', async (device, seen) => {
    container.bundle.with(({ linux }) => {
      linux.devices = [{ path: '/dev/made', ...device }];
    });
    expect(await container.prints('stat -c "%F %t:%T %a %u:%g" /dev/made')).toBe(seen);
  });

  it.each(['/dev/deep/er/made', '/srv/made', '/etc/made'])('makes %s', async (path) => {
    container.bundle.with(({ linux }) => {
      linux.devices = [{ path, type: 'c', major: 1, minor: 5 }];
    });
    expect(await container.prints(`busybox head -c 3 ${path} | wc -c; stat -c %F ${path}`)).toBe(
      '3\ncharacter special file',
    );
  });

  it('replaces a default device', async () => {
    container.bundle.with(({ linux }) => {
      linux.devices = [{ path: '/dev/tty', type: 'c', major: 1, minor: 3, fileMode: 0o600 }];
    });
    expect(await container.prints('stat -c "%t:%T %a" /dev/tty')).toBe('1:3 600');
  });

  it('keeps a file that is that device already', async () => {
    container.bundle.with(({ linux, mounts }) => {
      mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' });
      linux.devices = [
        { path: '/srv/made', type: 'c', major: 1, minor: 5, fileMode: 0o600 },
        { path: '/srv/../srv/made', type: 'c', major: 1, minor: 5 },
      ];
    });
    expect(await container.prints('stat -c "%t:%T %a" /srv/made')).toBe('1:5 600');
  });

  // config-linux.md, "Devices": a file that does not match MUST be an error.
  it.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a directory', (path: string) => mkdirSync(path)],
  ])('refuses to replace %s', async (_what, make) => {
    const path = '/srv/made';
    mkdirSync(join(container.bundle.rootfs, dirname(path)));
    make(join(container.bundle.rootfs, path));
    container.bundle.with(({ linux }) => {
      linux.devices = [{ path, type: 'c', major: 1, minor: 5 }];
    });
    expect(await container.refusal()).toMatch(
      /linux\.devices\[0\]: make \/srv\/made: .*something else is there already/,
    );
  });
});

// mknod(2) makes no devices in a user namespace.
describe('linux.devices in a user namespace', () => {
  const inUserNamespace = (device: object) =>
    container.bundle.with(({ linux }) => {
      linux.namespaces.push({ type: 'user' });
      linux.uidMappings = linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      linux.devices = [device];
    });

  it('are the host’s', async () => {
    inUserNamespace({ path: '/dev/kmsg', type: 'c', major: 1, minor: 11 });
    expect(await container.prints('stat -c "%F %t:%T %u" /dev/kmsg')).toBe(
      'character special file 1:b 65534',
    );
  });

  it('are refused where the host’s is another', async () => {
    inUserNamespace({ path: '/dev/kmsg', type: 'c', major: 1, minor: 12 });
    expect(await container.refusal()).toMatch(
      /linux\.devices\[0\]: make \/dev\/kmsg: the host's \/dev\/kmsg is another device$/,
    );
  });

  it('are pipes of its own', async () => {
    inUserNamespace({ path: '/dev/pipe', type: 'p', uid: 5 });
    expect(await container.prints('stat -c "%F %u" /dev/pipe')).toBe('fifo 5');
  });
});

describe('default devices', () => {
  it('work as they should', async () => {
    expect(
      await container.prints(`
        echo gone > /dev/null; wc -c < /dev/null
        busybox head -c 4 /dev/zero | busybox od -An -tx1
        (echo x > /dev/full) 2>&1 | busybox grep -c "No space left"
        for random in random urandom; do busybox head -c 9 /dev/$random | wc -c; done`),
    ).toBe('0\n 00 00 00 00\n1\n9\n9');
  });

  it('are there without any mount or device in the config', async () => {
    container.bundle.with((config) => {
      config.root.readonly = false;
      config.mounts = [];
      delete config.linux.maskedPaths;
      delete config.linux.readonlyPaths;
    });
    const core = existsSync('/proc/kcore') ? ['core'] : [];
    expect((await container.prints('ls /dev')).split('\n')).toEqual([
      ...core,
      ...['fd', 'full', 'null', 'ptmx', 'random', 'stderr', 'stdin', 'stdout', 'tty', 'urandom'],
      'zero',
    ]);
  });
});
