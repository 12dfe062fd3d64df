import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { parseMountinfo } from './support/mountinfo.ts';
import { newId, ocirun, run } from './support/ocirun.ts';
import { Racer } from './support/racer.ts';

const container = useBundle();

/** A directory of the host that no container has any business in. */
let host: string;
let before: string;

beforeEach(() => {
  host = join(container.bundle.path, 'host');
  mkdirSync(join(host, 'directory'), { recursive: true });
  writeFileSync(join(host, 'file'), 'of the host');
  mkdirSync(join(container.bundle.path, 'vol'));
  writeFileSync(join(container.bundle.path, 'vol/file'), 'content');
  before = everythingIn(host);
  container.bundle.with(({ root }) => {
    root.readonly = false;
  });
});

afterEach(() => {
  expect(everythingIn(host)).toBe(before);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(container.bundle.path);
});

function everythingIn(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const { ino, mode, nlink, size, mtimeMs } = lstatSync(join(directory, path));
      return [path, ino, mode, nlink, size, mtimeMs].join(' ');
    })
    .join('\n');
}

const inside = (...path: string[]) => join(container.bundle.rootfs, ...path);

function link(target: string, ...path: string[]): void {
  mkdirSync(inside(...path, '..'), { recursive: true });
  rmSync(inside(...path), { recursive: true, force: true });
  symlinkSync(target, inside(...path));
}

function add(...mounts: object[]): void {
  container.bundle.with((config) => config.mounts.push(...mounts));
}

async function mountPoints(): Promise<string[]> {
  return [...parseMountinfo(await container.prints('cat /proc/self/mountinfo')).keys()];
}

describe('a mount point that is a symbolic link', () => {
  const up = '../../../../../../../../../../../../..';
  const kinds = [
    ['an absolute one', () => host],
    ['one that climbs', () => `${up}${host}`],
    ['one that climbs by way of the root', () => `/..${host}/../host`],
  ] as const;

  it.each(kinds)('to a directory of the host leads into the rootfs: %s', async (_, target) => {
    link(target(), 'srv/data');
    add(
      { destination: '/srv/data/directory', source: 'vol', options: ['bind'] },
      { destination: '/srv/data', type: 'tmpfs' },
    );
    expect(await mountPoints()).toEqual(expect.arrayContaining([host]));
  });

  it.each(kinds)('to a file of the host leads into the rootfs: %s', async (_, target) => {
    link(`${target()}/file`, 'etc/hosts');
    add({ destination: '/etc/hosts', source: 'vol/file', options: ['bind'] });
    expect(await container.prints('cat /etc/hosts')).toBe('content');
    expect(readFileSync(join(host, 'file'), 'utf8')).toBe('of the host');
  });

  it('to nothing is made inside the rootfs', async () => {
    link(join(host, 'missing/directory'), 'srv/data');
    link('/../../no/such/file', 'etc/dangling');
    add(
      { destination: '/srv/data', type: 'tmpfs' },
      { destination: '/etc/dangling', source: 'vol/file', options: ['bind'] },
    );
    expect(await container.prints('cat /no/such/file')).toBe('content');
    expect(lstatSync(inside(host, 'missing/directory')).isDirectory()).toBe(true);
  });

  it('to itself is refused', async () => {
    link('loop', 'srv/loop');
    add({ destination: '/srv/loop/x', type: 'tmpfs' });
    expect(await container.refusal()).toContain('mounts[6]: mount tmpfs at /srv/loop/x');
  });

  it('by a magic link is refused', async () => {
    link('/proc/self/root', 'srv/root');
    add({ destination: '/srv/root/etc', source: 'vol', options: ['bind'] });
    expect(await container.refusal()).toContain('mounts[6]: bind');
  });

  it('is refused for /proc and /sys', async () => {
    link(join(host, 'directory'), 'proc');
    expect(await container.refusal()).toContain('mounts[0]: mount proc at /proc');
    rmSync(inside('proc'));
    mkdirSync(inside('proc'));
    link(join(host, 'directory'), 'sys');
    expect(await container.refusal()).toContain('mounts[5]: mount sysfs at /sys');
  });

  it('is followed for /dev, inside the rootfs', async () => {
    link(join(host, 'directory'), 'dev');
    expect(await container.prints('stat -c %t:%T /dev/null')).toBe('1:3');
  });
});

describe('a device that is a symbolic link', () => {
  it('is made by nobody', async () => {
    container.bundle.with(({ mounts, linux }) => {
      // Without a /dev of its own the image's is used.
      mounts.splice(1, 4);
      linux.maskedPaths = [];
    });
    link(join(host, 'new'), 'dev/null');
    expect(await container.refusal()).toContain('make /dev/null: something else is there already');
  });

  it('is made inside the rootfs where its directory is one', async () => {
    link(host, 'nodes');
    container.bundle.with(({ linux }) => {
      linux.devices = [{ path: '/nodes/null', type: 'c', major: 1, minor: 3 }];
    });
    expect(await container.prints('stat -c %t:%T /nodes/null')).toBe('1:3');
    expect(lstatSync(inside(host, 'null')).isCharacterDevice()).toBe(true);
  });

  it('keeps the image from providing its own /dev/ptmx', async () => {
    link(join(host, 'file'), 'dev/ptmx');
    container.bundle.with(({ mounts }) => {
      mounts.splice(1, 1);
    });
    expect(await container.prints('busybox readlink /dev/ptmx')).toBe('pts/ptmx');
  });
});

describe('a /proc that is none', () => {
  it.each([
    ['a tmpfs', { destination: '/proc', type: 'tmpfs' }],
    ['a bind', { destination: '/proc', source: 'vol', options: ['bind'] }],
  ])('is refused: %s', async (_, mount) => {
    container.bundle.with((config) => {
      config.mounts[0] = mount;
    });
    expect(await container.refusal()).toContain('only a procfs may be mounted on /proc');
  });

  it.each(['/proc/self/attr', '/proc/sys/kernel', '/proc/../proc/1'])(
    'is not made of a real one: %s',
    async (destination) => {
      add({ destination, source: 'vol', options: ['bind'] });
      expect(await container.refusal()).toContain('must not cover what is in /proc');
    },
  );

  it('is not made of a real one by links either', async () => {
    link('/proc/self', 'me');
    add({ destination: '/me/attr', source: 'vol', options: ['bind'] });
    expect(await container.refusal()).toContain('the destination is inside a procfs');
  });

  it('is not believed when it is a directory of the image', async () => {
    mkdirSync(inside('proc/sys/kernel'), { recursive: true });
    writeFileSync(inside('proc/sys/kernel/domainname'), 'fake');
    container.bundle.with((config) => {
      config.mounts.shift();
      config.linux.maskedPaths = config.linux.readonlyPaths = [];
      config.linux.sysctl = { 'kernel.domainname': 'x' };
    });
    expect(await container.refusal()).toContain('linux.sysctl');
    expect(readFileSync(inside('proc/sys/kernel/domainname'), 'utf8')).toBe('fake');
  });
});

describe('a path to be covered that is a symbolic link', () => {
  it('is masked where it leads, inside the rootfs', async () => {
    link(join(host, 'file'), 'etc/secret');
    mkdirSync(inside(host), { recursive: true });
    writeFileSync(inside(host, 'file'), 'of the image');
    container.bundle.with(({ linux }) => {
      linux.maskedPaths = ['/etc/secret'];
    });
    expect(await container.prints(`cat /etc/secret ${host}/file`)).toBe('');
  });

  it('is read-only where it leads, inside the rootfs', async () => {
    link(join(host, 'directory'), 'etc/readonly');
    mkdirSync(inside(host, 'directory'), { recursive: true });
    container.bundle.with(({ linux }) => {
      linux.readonlyPaths = ['/etc/readonly'];
    });
    const script = `touch ${host}/directory/x 2>/dev/null || echo read-only`;
    expect(await container.prints(script)).toBe('read-only');
  });

  it('is left alone where it leads nowhere inside the rootfs', async () => {
    link(join(host, 'file'), 'etc/secret');
    container.bundle.with(({ linux }) => {
      linux.maskedPaths = linux.readonlyPaths = ['/etc/secret'];
    });
    expect(await container.prints('echo started')).toBe('started');
  });
});

describe('a tmpfs that copies', () => {
  it('follows no link out of what it covers', async () => {
    link(host, 'data/link');
    link(join(host, 'file'), 'data/file');
    add({ destination: '/data', type: 'tmpfs', options: ['tmpcopyup'] });
    expect(
      await container.prints(
        'for l in link file; do busybox readlink /data/$l; done; cat /data/file 2>&1 | wc -l',
      ),
    ).toBe(`${host}\n${host}/file\n1`);
  });
});

describe('a rootfs that is a symbolic link', () => {
  it('is where it leads on the host', async () => {
    const { path, rootfs } = container.bundle;
    renameSync(rootfs, join(path, 'real'));
    symlinkSync('real', rootfs);
    expect(await container.prints('echo /*')).toBe('/bin /dev /etc /proc /root /sys /tmp');
  });
});

describe('while another process swaps', { timeout: 120_000 }, () => {
  /** Starts containers while a path leads now to a directory of the rootfs, now to the host. */
  async function race(path: string): Promise<Set<number | null>> {
    const launcher = join(container.bundle.path, 'launcher');
    container.bundle.script('true');
    await ocirun(['compile', container.bundle.path, '-o', launcher]);
    const racer = new Racer(inside(path), host);
    try {
      await racer.begun();
      const seen = new Set<number | null>();
      for (let count = 0; count < 60; count++) {
        const { status } = await run(launcher, [newId()]);
        seen.add(status);
        expect(everythingIn(host)).toBe(before);
      }
      return seen;
    } finally {
      await racer.stop();
    }
  }

  it.each([
    ['a bind mount', { destination: '/swapped/deep/er', source: 'vol', options: ['bind'] }],
    ['a file', { destination: '/swapped/directory/x', source: 'vol/file', options: ['bind'] }],
    ['a tmpfs', { destination: '/swapped', type: 'tmpfs' }],
    ['a copying tmpfs', { destination: '/swapped', type: 'tmpfs', options: ['tmpcopyup'] }],
  ])('the mount point of %s, nothing of the host is touched', async (_, mount) => {
    add(mount);
    const seen = await race('swapped');
    for (const status of seen) expect([0, 1]).toContain(status);
    // Some went where each link leads, inside the rootfs: both were met.
    expect(existsSync(inside(host))).toBe(true);
    expect(readdirSync(inside('swapped.beside')).length).toBe(
      mount.destination === '/swapped' ? 0 : 1,
    );
  });

  it('the parent of devices and covered paths, nothing of the host is touched', async () => {
    container.bundle.with(({ linux }) => {
      linux.devices = [{ path: '/swapped/null', type: 'c', major: 1, minor: 3 }];
      linux.maskedPaths = ['/swapped/file'];
      linux.readonlyPaths = ['/swapped/directory'];
    });
    for (const status of await race('swapped')) expect([0, 1]).toContain(status);
  });
});
