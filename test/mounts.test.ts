import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { withTmpfs } from './support/host-mount.ts';
import { parseMountinfo } from './support/mountinfo.ts';
import { ocirun, run } from './support/ocirun.ts';
import { useUserNamespace } from './support/user-namespace.ts';

const container = useBundle();

/** A directory beside the rootfs, with a file in it. */
function volume(name = 'vol'): string {
  const path = join(container.bundle.path, name);
  mkdirSync(join(path, 'sub'), { recursive: true });
  writeFileSync(join(path, 'file'), 'content');
  return path;
}

function add(...mounts: object[]): void {
  container.bundle.with((config) => config.mounts.push(...mounts));
}

const bind = (destination: string, ...options: string[]) => ({
  destination,
  source: 'vol',
  options,
});

/** The container's mounts, as it sees them. */
async function mounts(...flags: string[]) {
  return parseMountinfo(await container.prints('cat /proc/self/mountinfo', ...flags));
}

describe('the flags of a mount', () => {
  it.each([
    ['ro', 'ro'],
    ['nosuid', 'nosuid'],
    ['nodev', 'nodev'],
    ['noexec', 'noexec'],
    ['nosymfollow', 'nosymfollow'],
    ['nodiratime', 'nodiratime'],
    ['noatime', 'noatime'],
    ['relatime', 'relatime'],
    ['rro', 'ro'],
    ['rnosuid', 'nosuid'],
    ['rnodev', 'nodev'],
    ['rnoexec', 'noexec'],
    ['rnosymfollow', 'nosymfollow'],
    ['rnodiratime', 'nodiratime'],
    ['rnoatime', 'noatime'],
    ['rrelatime', 'relatime'],
  ])('%s', async (option, seen) => {
    volume();
    add(bind('/bound', 'rbind', option), {
      destination: '/fresh',
      type: 'tmpfs',
      options: [option],
    });
    const all = await mounts();
    expect(all.get('/bound')?.options).toContain(seen);
    expect(all.get('/fresh')?.options).toContain(seen);
  });

  it.each([
    [['strictatime'], 'relatime'],
    [['rstrictatime'], 'relatime'],
    [['noatime', 'atime'], 'noatime'],
    [['noatime', 'norelatime', 'nostrictatime'], 'noatime'],
    [['nosuid', 'suid'], 'nosuid'],
    [['nodev', 'dev'], 'nodev'],
    [['noexec', 'exec'], 'noexec'],
    [['nodiratime', 'diratime'], 'nodiratime'],
    [['nosymfollow', 'symfollow'], 'nosymfollow'],
    [['ro', 'rw'], 'ro'],
  ])('%j leaves out %s', async (options, unseen) => {
    volume();
    add(bind('/bound', 'bind', ...options), { destination: '/fresh', type: 'tmpfs', options });
    const all = await mounts();
    expect(all.get('/bound')?.options).not.toContain(unseen);
    expect(all.get('/fresh')?.options).not.toContain(unseen);
  });

  it.each([
    [['sync'], 'sync'],
    [['dirsync'], 'dirsync'],
    [['lazytime'], 'lazytime'],
    [['mand'], ''],
    [['iversion'], ''],
    [['acl'], ''],
    [['defaults', 'silent', 'loud', 'async', 'nolazytime', 'nomand', 'noiversion', 'noacl'], ''],
    [['size=1m', 'mode=711'], 'size=1024k'],
  ])('%j are a file system’s', async (options, seen) => {
    add({ destination: '/fresh', type: 'tmpfs', source: 'tmpfs', options });
    const fresh = (await mounts()).get('/fresh');
    expect(fresh?.type).toBe('tmpfs');
    if (seen) expect(fresh?.superblock).toContain(seen);
  });

  it('reach what is beneath when they are recursive, and only then', async () => {
    const vol = volume();
    add(bind('/one', 'rbind', 'ro', 'nodev'), bind('/all', 'rbind', 'rro', 'rnodev', 'rnoatime'));
    await withTmpfs(join(vol, 'sub'), 'nosuid', async () => {
      const all = await mounts();
      const of = (path: string) => all.get(path)?.options.join();
      expect(of('/one')).toMatch(/^ro,nodev/);
      expect(of('/one/sub')).toBe('rw,nosuid,relatime');
      expect(of('/all')).toMatch(/^ro,nodev,noatime/);
      expect(of('/all/sub')).toBe('ro,nosuid,nodev,noatime');
    });
  });

  it('change with remount, and the others stay', async () => {
    volume();
    add(
      bind('/bound', 'bind', 'nosuid'),
      { destination: '/bound', options: ['bind', 'remount', 'ro'] },
      { destination: '/dev/shm', type: 'tmpfs', options: ['remount', 'size=2m', 'nosuid'] },
    );
    const all = await mounts();
    expect(all.get('/bound')?.options).toEqual(['ro', 'nosuid', 'relatime']);
    expect(all.get('/dev/shm')?.superblock).toContain('size=2048k');
    expect(all.get('/dev/shm')?.options).toEqual(expect.arrayContaining(['nosuid', 'noexec']));
  });
});

describe('the propagation of a mount', () => {
  it.each([
    ['private', []],
    ['rprivate', []],
    ['shared', ['shared']],
    ['rshared', ['shared']],
    ['unbindable', ['unbindable']],
    ['runbindable', ['unbindable']],
  ])('%s', async (option, seen) => {
    volume();
    add(bind('/bound', 'rbind', option), {
      destination: '/fresh',
      type: 'tmpfs',
      options: [option],
    });
    const all = await mounts();
    expect(all.get('/bound')?.propagation.filter((word) => word !== 'master')).toEqual(seen);
    expect(all.get('/fresh')?.propagation).toEqual(seen);
  });

  it.each(['slave', 'rslave'])('%s of the host', async (option) => {
    const vol = volume();
    add(bind('/bound', 'rbind', option));
    await withTmpfs(vol, 'mode=755', async () => {
      await run('mount', ['--make-shared', vol]);
      expect((await mounts()).get('/bound')?.propagation).toEqual(['master']);
    });
  });
});

describe('a bind mount', () => {
  it('makes its mount point, a file or a directory', async () => {
    volume();
    container.bundle.with(({ root }) => {
      root.readonly = false;
    });
    add(bind('/deep/down/here', 'bind'), {
      destination: '/etc/new/file',
      source: 'vol/file',
      options: ['bind', 'ro'],
    });
    expect(await container.prints('cat /deep/down/here/file; cat /etc/new/file')).toBe(
      'contentcontent',
    );
  });

  it('is of one mount with bind, and of all beneath with rbind', async () => {
    const vol = volume();
    add(bind('/one', 'bind'), bind('/all', 'rbind'));
    await withTmpfs(join(vol, 'sub'), 'mode=755', async () => {
      const all = await mounts();
      expect([...all.keys()].filter((path) => /one|all/.test(path)).sort()).toEqual([
        '/all',
        '/all/sub',
        '/one',
      ]);
    });
  });

  it('is made where a symbolic link leads, inside the rootfs', async () => {
    volume();
    symlinkSync('/run', join(container.bundle.rootfs, 'link'));
    symlinkSync('../run/resolv.conf', join(container.bundle.rootfs, 'etc/resolv.conf'));
    add(bind('/link/vol', 'bind'), {
      destination: '/etc/resolv.conf',
      source: 'vol/file',
      options: ['bind'],
    });
    expect(await container.prints('cat /run/vol/file /run/resolv.conf')).toBe('contentcontent');
  });

  it('is of a symbolic link itself with src-nofollow', async () => {
    const vol = volume();
    symlinkSync('/etc/passwd', join(vol, 'link'));
    add({ destination: '/etc/link', source: 'vol/link', options: ['bind', 'src-nofollow'] });
    expect(await container.prints('busybox readlink /etc/link')).toBe('/etc/passwd');
  });

  it('is on a symbolic link itself with dest-nofollow', async () => {
    volume();
    symlinkSync('passwd', join(container.bundle.rootfs, 'etc/link'));
    add({ destination: '/etc/link', source: 'vol/file', options: ['bind', 'dest-nofollow'] });
    const all = await mounts();
    expect(all.get('/etc/link')?.root).toMatch(/vol\/file$/);
    expect(await container.prints('cat /etc/link; busybox head -c 4 /etc/passwd')).toBe(
      'contentroot',
    );
  });
});

describe('an id-mapped mount', () => {
  const ids = (hostID: number) => [{ containerID: 0, hostID, size: 100 }];
  const mappings = (hostID: number) => ({ uidMappings: ids(hostID), gidMappings: ids(hostID) });

  it('has its own mappings', async () => {
    const vol = volume();
    chownSync(join(vol, 'file'), 7, 8);
    add(
      { ...bind('/mapped', 'bind', 'idmap'), ...mappings(1000) },
      { ...bind('/without', 'bind'), ...mappings(2000) },
      { ...bind('/other', 'rbind', 'ridmap', 'ro'), ...mappings(3000) },
    );
    expect(await container.prints('stat -c %u:%g /mapped/file /without/file /other/file')).toBe(
      '1007:1008\n2007:2008\n3007:3008',
    );
    expect((await mounts()).get('/other')?.options).toContain('ro');
  });

  it('is mapped with all beneath by ridmap, and alone by idmap', async () => {
    const vol = volume();
    add(
      { ...bind('/one', 'rbind', 'idmap'), ...mappings(1000) },
      { ...bind('/all', 'rbind', 'ridmap'), ...mappings(1000) },
    );
    await withTmpfs(join(vol, 'sub'), 'mode=755,uid=5', async () => {
      expect(await container.prints('stat -c %u /one /one/sub /all /all/sub')).toBe(
        '1000\n5\n1000\n1005',
      );
    });
  });

  it('has the mappings of the container’s user namespace', async () => {
    volume();
    useUserNamespace(container.bundle, 'mapped', 'plain');
    add(bind('/mapped', 'rbind', 'idmap'), bind('/plain', 'rbind'));
    expect(await container.prints('stat -c %u /mapped/file /plain/file')).toBe('0\n65534');
  });

  it('passes on what the kernel says of a file system that cannot be mapped', async () => {
    add({ destination: '/x', source: '/proc', options: ['bind', 'idmap'], ...mappings(1) });
    expect(await container.refusal()).toContain('mounts[6]: bind /proc at /x: mount_setattr');
  });
});

describe('tmpcopyup', () => {
  it('gives a tmpfs a copy of what it covers', async () => {
    const { rootfs } = container.bundle;
    mkdirSync(join(rootfs, 'data/sub'), { recursive: true });
    writeFileSync(join(rootfs, 'data/sub/file'), 'from the image', { mode: 0o604 });
    chownSync(join(rootfs, 'data/sub/file'), 5, 6);
    symlinkSync('/etc/passwd', join(rootfs, 'data/link'));
    chmodSync(join(rootfs, 'data'), 0o751);
    add({ destination: '/data', type: 'tmpfs', options: ['tmpcopyup', 'nosuid'] });
    const script = `cat /data/sub/file; echo; stat -c '%a %u:%g' /data /data/sub/file
      busybox readlink /data/link; touch /data/new; ls /data; stat -f -c %T /data`;
    expect(await container.prints(script)).toBe(
      'from the image\n751 0:0\n604 5:6\n/etc/passwd\nlink\nnew\nsub\ntmpfs',
    );
  });

  it('says that there is no room', async () => {
    const { rootfs } = container.bundle;
    mkdirSync(join(rootfs, 'data'));
    writeFileSync(join(rootfs, 'data/large'), Buffer.alloc(100_000));
    add({ destination: '/data', type: 'tmpfs', options: ['tmpcopyup', 'size=8k'] });
    expect(await container.refusal()).toMatch(/mounts\[6\].*tmpcopyup.*no space left on device/);
  });
});

describe('what cannot be', () => {
  it.each([
    [
      { destination: '/a', type: 'tmpfs', options: ['tmpcopyup', 'remount'] },
      'mounts[6].options[0]: tmpcopyup',
    ],
    [{ destination: '/a', source: '/b', options: ['bind', 'huge'] }, 'mounts[6].options[1]: huge'],
    [{ destination: '/', type: 'tmpfs' }, 'mounts[6].destination'],
    [{ destination: '/proc/self', source: '/b', options: ['bind'] }, 'mounts[6].destination'],
    [{ destination: '/a', type: 'tmpfs', options: ['no=such'] }, 'mounts[6]: mount tmpfs at /a'],
    [{ destination: '/a', source: 'no', options: ['bind'] }, 'no such file or directory'],
  ])('%j', async (mount, reason) => {
    add(mount);
    expect(await container.refusal()).toContain(reason);
  });

  it('is a label without SELinux', async () => {
    container.bundle.with(({ linux }) => {
      linux.mountLabel = 'system_u:object_r:container_file_t:s0';
    });
    expect(await container.refusal()).toContain('linux.mountLabel: needs SELinux');
  });
});

it('adds no step for what the config does not name', async () => {
  const plan = async () => (await ocirun(['plan', container.bundle.path])).stdout;
  const plain = await plan();
  expect(plain).not.toMatch(/CLONE_NEWUSER|IDMAP|sendfile|mountinfo/);
  add({ destination: '/a', type: 'tmpfs', options: ['tmpcopyup'] });
  expect(await plan()).toContain('sendfile');
});
