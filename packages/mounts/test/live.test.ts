import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '@oci/spec';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MountsConfig } from '../src/index.ts';
import type { Request } from './live/report.ts';
import { hostMounts, makeBundle, mountsOf, type Surroundings, start } from './live/run.ts';
import { runcConfig } from './support.ts';

/** Each test makes real mounts, in namespaces of a process of its own. */
describe.runIf(process.getuid?.() === 0)('live', { timeout: 60_000 }, () => {
  let bundle = makeBundle();
  bundle.remove();
  beforeEach(() => {
    bundle = makeBundle();
  });
  afterEach(() => bundle.remove());
  // Only by name: other packages' tests may be mounting something meanwhile.
  afterAll(() => expect(hostMounts()).not.toContain('/tmp/oci-mounts-'));

  const rootfs = (...path: string[]) => join(bundle.path, 'rootfs', ...path);
  const proc: Mount = { destination: '/proc', type: 'proc', source: 'proc' };
  const linux = { namespaces: [{ type: 'mount' as const }] };

  function run(
    config: Partial<MountsConfig>,
    request: Partial<Request> = {},
    surroundings?: Surroundings,
  ) {
    const whole = { ociVersion: '1.3.0', linux, root: { path: 'rootfs' }, ...config };
    return start({ bundle: bundle.path, config: whole, ...request }, surroundings);
  }

  it('starts runc’s default config', () => {
    const look = ['/dev', '/dev/null', '/dev/tty', '/dev/ptmx', '/dev/shm', '/proc/keys'];
    const create = ['/file', '/dev/file', '/proc/acpi/file'];
    const [report] = run(runcConfig(), { look, create });
    const mounts = mountsOf(report);
    expect(mounts['/']).toMatchObject({ root: rootfs(), propagation: '' });
    expect(mounts['/']?.options).toMatch(/^ro,/);
    const table = Object.entries(mounts).map(
      ([path, { type, source, options }]) => `${path} ${type} ${source} ${options}`,
    );
    expect(table).toEqual(
      expect.arrayContaining([
        '/proc proc proc rw,relatime',
        '/dev tmpfs tmpfs rw,nosuid',
        '/dev/pts devpts devpts rw,nosuid,noexec,relatime',
        '/dev/shm tmpfs shm rw,nosuid,nodev,noexec,relatime',
        '/dev/mqueue mqueue mqueue rw,nosuid,nodev,noexec,relatime',
        '/sys sysfs sysfs ro,nosuid,nodev,noexec,relatime',
        '/proc/sys proc proc ro,relatime',
        '/sys/firmware tmpfs tmpfs ro,nosuid,nodev,noexec,relatime',
      ]),
    );
    expect(mounts['/dev']?.superblock).toContain('size=65536k,mode=755');
    expect(mounts['/dev/pts']?.superblock).toContain('gid=5,mode=620,ptmxmode=666');
    expect(mounts['/proc/keys']).toMatchObject({ root: '/null', type: 'devtmpfs' });
    expect(report.found).toMatchObject({
      '/dev': {
        mode: '755',
        entries: expect.arrayContaining('fd full mqueue null ptmx pts random shm'.split(' ')),
      },
      '/dev/null': { kind: 'character', mode: '666', owner: '0:0', device: '1:3' },
      '/dev/tty': { kind: 'character', mode: '666', owner: '0:0', device: '5:0' },
      '/dev/ptmx': { kind: 'link', target: 'pts/ptmx' },
      '/dev/shm': { mode: '1777' },
      '/proc/keys': { kind: 'character', device: '1:3' },
    });
    expect(report.created).toEqual({
      '/file': 'EROFS',
      '/dev/file': 'created',
      '/proc/acpi/file': existsSync('/proc/acpi') ? 'EROFS' : 'ENOENT',
    });
    expect(report.cwd).toBe('/');
    expect(report.descriptors).toEqual(['/']);
    // Every mount is the container's: nothing of the host is left.
    expect(Object.keys(mounts).filter((path) => !/^\/(proc|dev|sys|$)/.test(path))).toEqual([]);
    expect(readdirSync(rootfs()).sort()).toEqual(['dev', 'proc', 'sys']);
  });

  it('covers all masked directories with one file system', () => {
    const config = runcConfig();
    for (const name of ['a', 'b', 'c']) mkdirSync(rootfs(name));
    writeFileSync(rootfs('f'), 'secret');
    writeFileSync(rootfs('g'), 'secret');
    symlinkSync('/../../f', rootfs('link'));
    const maskedPaths = ['/a', '/b', '/c', '/missing/x', '/link', '/g'];
    const [report] = run({ ...config, linux: { ...config.linux, maskedPaths } });
    const minors = (report.mountinfo ?? '')
      .split('\n')
      .filter((line) => / \/[abc] /.test(line))
      .map((line) => line.split(' ')[2]);
    expect(minors).toHaveLength(3);
    expect(new Set(minors).size).toBe(1);
    const mounts = mountsOf(report);
    expect(mounts['/f']).toMatchObject({ root: '/null' });
    expect(mounts['/g']).toMatchObject({ root: '/null' });
    expect(Object.keys(mounts)).not.toContain('/missing/x');
  });

  describe('bind mounts', () => {
    beforeEach(() => {
      mkdirSync(join(bundle.path, 'vol/sub'), { recursive: true });
      writeFileSync(join(bundle.path, 'vol/file'), 'content');
    });
    /** A source with a mount beneath it, and flags of its own. */
    const prepare = () =>
      [
        `mount -t tmpfs -o nosuid,nodev,noexec vol ${bundle.path}/vol`,
        `mkdir ${bundle.path}/vol/sub && mount -t tmpfs -o nosuid sub ${bundle.path}/vol/sub`,
      ].join('\n');
    const bind = (destination: string, ...options: string[]) => ({
      destination,
      source: 'vol',
      options,
    });

    it('binds directories and files to where they are missing', () => {
      const mounts = [
        proc,
        bind('/a/b', 'bind'),
        { destination: '/etc/c/file', source: 'vol/file', options: ['bind', 'ro'] },
      ];
      const [report] = run(
        { mounts },
        { look: ['/etc/c/file', '/a', '/a/b'], create: ['/a/b/new'] },
      );
      expect(mountsOf(report)['/etc/c/file']?.options).toMatch(/^ro,/);
      expect(report.found).toMatchObject({
        '/etc/c/file': { kind: 'file', content: 'content' },
        '/a': { mode: '755' },
        '/a/b': { entries: ['file', 'new', 'sub'] },
      });
      expect(readdirSync(join(bundle.path, 'vol'))).toContain('new');
    });

    it('does not let symbolic links lead out of the rootfs', () => {
      const outside = join(bundle.path, 'outside');
      mkdirSync(outside);
      mkdirSync(rootfs('inside'));
      symlinkSync(outside, rootfs('absolute'));
      symlinkSync('../../../inside', rootfs('relative'));
      symlinkSync('../run/resolv.conf', rootfs('inside/dangling'));
      mkdirSync(rootfs('run'));
      const dangling = { destination: '/inside/dangling', source: 'vol/file', options: ['bind'] };
      const [report] = run({ mounts: [proc, dangling, bind('/relative/x', 'bind')] });
      expect(Object.keys(mountsOf(report))).toEqual(
        expect.arrayContaining(['/run/resolv.conf', '/inside/x']),
      );
      // The link's target is missing inside, and nothing may be made outside for it.
      const [made] = run({ mounts: [proc, bind('/absolute/x', 'bind')] });
      expect(Object.keys(mountsOf(made))).toContain(join(outside, 'x'));
      expect(readdirSync(outside)).toEqual([]);
    });

    it('gives them the flags that are named, beneath too where asked', () => {
      const mounts = [
        proc,
        bind('/plain', 'rbind'),
        bind('/ro', 'rbind', 'ro'),
        bind('/rro', 'rbind', 'rro', 'rnoatime', 'rnosymfollow'),
        bind('/remount', 'bind'),
        bind('/remount', 'bind', 'remount', 'ro', 'dev'),
        bind('/strict', 'bind', 'nosuid', 'strictatime'),
      ];
      const [report] = run({ mounts }, {}, { prepare: prepare() });
      const all = mountsOf(report);
      const options = Object.entries(all).map(([path, line]) => `${path} ${line.options}`);
      expect(options).toEqual(
        expect.arrayContaining([
          '/plain rw,nosuid,nodev,noexec,relatime',
          '/plain/sub rw,nosuid,relatime',
          '/ro ro,relatime',
          '/ro/sub rw,nosuid,relatime',
          '/rro ro,nosuid,nodev,noexec,noatime,nosymfollow',
          '/rro/sub ro,nosuid,noatime,nosymfollow',
          '/remount ro,nosuid,noexec,relatime',
          '/strict rw,nosuid',
        ]),
      );
      expect(all['/remount/sub']).toBeUndefined();
    });

    it('gives them propagation', () => {
      const mounts = [
        proc,
        bind('/private', 'rbind', 'rprivate'),
        bind('/shared', 'bind', 'shared'),
        bind('/slave', 'rbind', 'rslave'),
        bind('/unbindable', 'rbind', 'runbindable'),
      ];
      const propagation = `mount --make-rshared ${bundle.path}/vol`;
      const [report] = run({ mounts }, {}, { prepare: `${prepare()}\n${propagation}` });
      const all = mountsOf(report);
      const of = (path: string) => all[path]?.propagation.trim();
      expect(['/private', '/private/sub'].map(of)).toEqual(['', '']);
      expect(['/shared', '/slave', '/slave/sub'].map(of)).toEqual([
        'shared:N master:N',
        'master:N',
        'master:N',
      ]);
      expect(of('/unbindable/sub')).toBe('unbindable');
    });

    it('keeps flags that a user namespace has locked, and says so where it cannot', () => {
      const surroundings = {
        unshare: ['--user', '--map-root-user', '--pid', '--fork'],
        prepare: `${prepare()}\nchmod 755 ${bundle.path} ${bundle.path}/rootfs`,
      };
      const user = { namespaces: [{ type: 'mount' as const }, { type: 'user' as const }] };
      // Locked together with its mounts beneath (mount_namespaces(7)): rbind.
      const kept = run(
        { linux: user, mounts: [proc, bind('/a', 'rbind', 'ro')] },
        {},
        surroundings,
      );
      expect(mountsOf(kept[0])['/a']?.options).toBe('ro,nosuid,nodev,noexec,relatime');
      const [lost] = run(
        { linux: user, mounts: [proc, bind('/a', 'rbind', 'exec')] },
        {},
        surroundings,
      );
      expect(lost.error).toBe(
        `mounts[1]: bind ${bundle.path}/vol at /a: mount_setattr: operation not permitted`,
      );
    });
  });

  it('starts in a user namespace', () => {
    const config = runcConfig();
    const namespaces = [...(config.linux?.namespaces ?? []), { type: 'user' as const }];
    const mounts = config.mounts?.map((mount) => ({
      ...mount,
      // unshare(1) maps one group.
      options: mount.options?.filter((option) => option !== 'gid=5') ?? [],
    }));
    const devices = [{ path: '/dev/pipe', type: 'p' as const, fileMode: 0o622 }];
    const [report] = run(
      { ...config, mounts, linux: { ...config.linux, namespaces, devices } },
      { look: ['/dev/null', '/dev/urandom', '/dev/pipe'], create: ['/file'] },
      { unshare: ['--user', '--map-root-user', '--ipc', '--net', '--pid', '--fork'] },
    );
    const all = mountsOf(report);
    expect(all['/sys']).toMatchObject({ type: 'sysfs' });
    expect(all['/dev/null']).toMatchObject({ type: 'devtmpfs', root: '/null' });
    expect(all['/dev/mqueue']).toMatchObject({ type: 'mqueue' });
    expect(report.found).toMatchObject({
      '/dev/null': { device: '1:3' },
      '/dev/urandom': { device: '1:9' },
      '/dev/pipe': { kind: 'fifo', mode: '622' },
    });
    expect(report.created).toEqual({ '/file': 'EROFS' });
  });

  it('does without pivot_root, and takes every procfs and sysfs of the host away', () => {
    mkdirSync(join(bundle.path, 'more of it'));
    mkdirSync(rootfs('own'));
    const prepare = [
      `mount -t proc more '${bundle.path}/more of it'`,
      `mount -t sysfs own ${rootfs('own')}`,
    ];
    const look = ['/', '/proc/1', '/own/kernel'];
    const surroundings = { prepare: prepare.join('\n') };
    const [report] = run({ mounts: [proc] }, { noPivot: true, look }, surroundings);
    expect(report).toMatchObject({
      cwd: '/',
      found: {
        '/': { entries: ['dev', 'own', 'proc'] },
        '/proc/1': { kind: 'directory' },
        // What is mounted in the rootfs is the container's.
        '/own/kernel': { kind: 'directory' },
      },
    });
    const types = (report.mountinfo ?? '').match(/- (proc|sysfs) /g);
    expect(types?.sort()).toEqual(['- proc ', '- sysfs ']);
  });

  it.each(['shared', 'slave', 'private', 'unbindable', 'runbindable'] as const)(
    'passes nothing on to the host with rootfsPropagation %s',
    (rootfsPropagation) => {
      const around = `${bundle.path}/around`;
      mkdirSync(rootfs('plain'));
      const readonlyPaths = ['/plain', '/proc/sys'];
      const [report, after] = run(
        { mounts: [proc], linux: { ...linux, rootfsPropagation, readonlyPaths } },
        {},
        {
          prepare: `mount --make-rshared /\ncut -d' ' -f5 /proc/self/mountinfo > ${around}`,
          finish: `cut -d' ' -f5 /proc/self/mountinfo | diff ${around} - && echo same`,
        },
      );
      expect(after.trim()).toBe('same');
      const propagation = mountsOf(report)['/']?.propagation.trim();
      const unbindable = 'unbindable';
      const shown = { shared: 'shared:N', slave: '', private: '', unbindable };
      expect(propagation).toBe({ ...shown, runbindable: unbindable }[rootfsPropagation]);
    },
  );

  it('copies up into a tmpfs what it covers', () => {
    mkdirSync(rootfs('t/sub'), { recursive: true });
    writeFileSync(rootfs('t/sub/file'), 'content');
    const options = ['tmpcopyup', 'ro', 'mode=700'];
    const mounts = [proc, { destination: '/t', type: 'tmpfs', options }];
    const [report] = run({ mounts }, { look: ['/t', '/t/sub/file'], create: ['/t/new'] });
    expect(report.found).toMatchObject({
      '/t': { mode: '700', entries: ['sub'] },
      '/t/sub/file': { content: 'content' },
    });
    expect(report.created).toEqual({ '/t/new': 'EROFS' });
    expect(mountsOf(report)['/t']?.type).toBe('tmpfs');
  });

  it('covers a directory with a tmpfs of the same mode', () => {
    mkdirSync(rootfs('t'));
    const mounts = [
      proc,
      { destination: '/t', type: 'tmpfs', options: ['ro'] },
      { destination: '/t/within', type: 'tmpfs' },
      { destination: '/new', type: 'tmpfs', options: ['size=1m,nr_inodes=10'] },
    ];
    const prepare = `chmod 1751 ${rootfs('t')}`;
    const look = ['/t', '/t/within', '/new'];
    const [report] = run({ mounts }, { look, create: ['/t/x', '/t/within/x'] }, { prepare });
    expect(report.found).toMatchObject({
      '/t': { mode: '1751', entries: ['within'] },
      '/t/within': { mode: '1777' },
      '/new': { mode: '1777' },
    });
    expect(report.created).toEqual({ '/t/x': 'EROFS', '/t/within/x': 'created' });
    expect(mountsOf(report)['/new']?.superblock).toContain('size=1024k,nr_inodes=10');
  });

  it('mounts by mount(2) what fsconfig(2) cannot take, and remounts', () => {
    const lower = Array.from({ length: 9 }, (_, index) =>
      join(bundle.path, `layer-${index}-${'x'.repeat(20)}`),
    );
    for (const path of lower) mkdirSync(path);
    writeFileSync(join(lower[8] ?? '', 'deep'), '');
    const mounts = [
      proc,
      { destination: '/o', type: 'overlay', options: [`lowerdir=${lower.join(':')}`, 'nosuid'] },
      { destination: '/t', type: 'tmpfs', options: ['size=1m'] },
      { destination: '/t', type: 'tmpfs', options: ['remount', 'size=2m', 'noexec'] },
    ];
    const [report] = run({ mounts }, { look: ['/o'] });
    expect(report.found).toMatchObject({ '/o': { entries: ['deep'] } });
    expect(mountsOf(report)['/o']?.options).toContain('nosuid');
    expect(mountsOf(report)['/t']).toMatchObject({ options: 'rw,noexec,relatime' });
    expect(mountsOf(report)['/t']?.superblock).toContain('size=2048k');
  });

  it('makes devices anywhere, with mode and owner', () => {
    const devices = [
      { path: '/dev/fuse', type: 'c' as const, major: 10, minor: 229, fileMode: 0o640, uid: 7 },
      { path: '/deep/er/null', type: 'c' as const, major: 1, minor: 3, fileMode: 0o666 },
    ];
    const look = devices.map(({ path }) => path);
    const [report] = run({ mounts: [proc], linux: { ...linux, devices } }, { look });
    expect(report.found).toMatchObject({
      '/dev/fuse': { device: '10:229', mode: '640', owner: '7:0' },
      '/deep/er/null': { device: '1:3', mode: '666', owner: '0:0' },
    });
  });

  describe('says what is wrong with', () => {
    const errorOf = (config: Partial<MountsConfig>) => run(config)[0].error;

    it('the rootfs', () => {
      writeFileSync(join(bundle.path, 'file'), '');
      expect(errorOf({ root: { path: 'missing' } })).toBe(
        `root.path: ${bundle.path}/missing: openat: no such file or directory`,
      );
      expect(errorOf({ root: { path: 'file' } })).toBe(
        `root.path: ${bundle.path}/file: openat: not a directory`,
      );
    });

    it('a source', () => {
      const mounts = [{ destination: '/a', source: 'no', options: ['bind'] }];
      expect(errorOf({ mounts })).toBe(
        `mounts[0]: bind ${bundle.path}/no at /a: open_tree: no such file or directory`,
      );
    });

    it('a file system', () => {
      const mounts = [{ destination: '/a', type: 'nofs' }];
      expect(errorOf({ mounts })).toBe('mounts[0]: mount nofs at /a: fsopen: no such device');
      const options = ['no=such'];
      expect(errorOf({ mounts: [{ destination: '/a', type: 'tmpfs', options }] })).toBe(
        'mounts[0]: mount tmpfs at /a: option no=such: fsconfig: invalid argument',
      );
    });

    it('links to where a procfs goes', () => {
      mkdirSync(rootfs('elsewhere'));
      symlinkSync('elsewhere', rootfs('proc'));
      expect(errorOf({ mounts: [proc] })).toBe(
        'mounts[0]: mount proc at /proc: openat2: not a directory',
      );
    });

    it('links into a procfs', () => {
      symlinkSync('/proc/self', rootfs('self'));
      const attr = { destination: '/self/attr', source: '/tmp', options: ['bind'] };
      expect(errorOf({ mounts: [proc, attr] })).toBe(
        'mounts[1]: bind /tmp at /self/attr: the destination is inside a procfs',
      );
    });

    it('another file where a device goes', () => {
      mkdirSync(rootfs('dev'));
      writeFileSync(rootfs('dev/null'), '');
      expect(errorOf({})).toBe('make /dev/null: something else is there already');
    });
  });
});
