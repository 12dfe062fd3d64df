import { PROC_SUPER_MAGIC, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { MountsProvisions, mountStages } from '../src/index.ts';
import { mount, run, statfs, statx } from './support.ts';

const IN_ROOT = 'resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)';
const ONTO = 'MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH';

const dev = { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['mode=755'] };
const proc = { destination: '/proc', type: 'proc' };

describe('file systems', () => {
  it('makes a proc, configured and attached by descriptor', () => {
    expect(mount({ destination: '/proc', type: 'proc', source: 'proc' })).toEqual([
      `openat2(900, "proc", {flags=O_DIRECTORY|O_NOFOLLOW|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'fsopen("proc", FSOPEN_CLOEXEC)',
      'fsconfig(4, FSCONFIG_SET_STRING, "source", "proc", 0)',
      'fsconfig(4, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
      'fsmount(4, FSMOUNT_CLOEXEC, 0)',
      'close(4)',
      `move_mount(5, "", 3, "", ${ONTO})`,
      'close(3)',
      'close(5)',
    ]);
  });

  it('gives flags to the mount, and those of the superblock and data to the file system', () => {
    const options = [
      'nosuid',
      'noexec',
      'nodev',
      'ro',
      'sync',
      'dirsync',
      'nosymfollow',
      'hidepid=2',
    ];
    const lines = mount({ destination: '/proc', type: 'proc', options });
    expect(lines.filter((line) => /^fs(config|mount)/.test(line))).toEqual([
      'fsconfig(4, FSCONFIG_SET_FLAG, "ro", NULL, 0)',
      'fsconfig(4, FSCONFIG_SET_FLAG, "sync", NULL, 0)',
      'fsconfig(4, FSCONFIG_SET_FLAG, "dirsync", NULL, 0)',
      'fsconfig(4, FSCONFIG_SET_STRING, "hidepid", "2", 0)',
      'fsconfig(4, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
      'fsmount(4, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC|MOUNT_ATTR_NOSYMFOLLOW)',
    ]);
  });

  it('makes no call for an option that says what is so anyway', () => {
    const plain = mount({ destination: '/proc', type: 'proc' });
    const options = ['rw', 'defaults', 'relatime', 'async', 'dev', 'suid', 'loud', 'norelatime'];
    expect(mount({ destination: '/proc', type: 'proc', options })).toEqual(plain);
  });

  it('sets propagation before the mount shows', () => {
    const lines = mount({ destination: '/proc', type: 'proc', options: ['rshared'] });
    const at = lines.indexOf('mount_setattr(5, "", AT_EMPTY_PATH, {propagation=MS_SHARED}, 32)');
    expect(at).toBeGreaterThan(0);
    expect(lines[at + 1]).toBe(`move_mount(5, "", 3, "", ${ONTO})`);
  });

  it('follows a symbolic link to other mounts than proc and sysfs', () => {
    const target = (type: string) => mount({ destination: '/a', type, options: ['mode=1'] })[0];
    expect(target('sysfs')).toContain('O_NOFOLLOW');
    expect(target('tmpfs')).not.toContain('O_NOFOLLOW');
    expect(target('ramfs')).not.toContain('O_NOFOLLOW');
  });

  it('names the entry in a failure', () => {
    const k = new FakeKernel();
    k.fail('fsconfig', 'EPERM', { when: /CREATE/ });
    expect(() => mount({ destination: '/proc', type: 'proc' }, k)).toThrow(
      'mounts[0]: mount proc at /proc: fsconfig: operation not permitted',
    );
  });

  it('leaves no descriptor open', () => {
    const k = run(mountStages, {
      mounts: [proc, dev, { destination: '/dev/pts', type: 'devpts' }],
    });
    expect(k.open).toEqual([]);
  });

  it.each([
    ['bogus=1', /"bogus", "1"/],
    ['bogus', /"bogus", NULL/],
  ])('names the option that it does not take: %s', (option, when) => {
    const k = new FakeKernel();
    k.fail('fsconfig', 'EINVAL', { when });
    const entry = { destination: '/t', type: 'tmpfs', options: ['size=1m', option] };
    expect(() => mount(entry, k)).toThrow(
      `mounts[0]: mount tmpfs at /t: option ${option}: fsconfig: invalid argument`,
    );
  });

  it('uses mount(2) for what fsconfig(2) cannot take', () => {
    const lowerdir = `lowerdir=/${'a'.repeat(255)}`;
    const options = [lowerdir, 'upperdir=/u', 'workdir=/w', 'noatime', 'ro', 'index'];
    expect(mount({ destination: '/o', type: 'overlay', source: 'overlay', options })).toEqual([
      `openat2(900, "o", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      `mount("overlay", "/proc/self/fd/3", "overlay", MS_RDONLY|MS_NOATIME, "${lowerdir},upperdir=/u,workdir=/w,index")`,
      'close(3)',
      `openat2(900, "o", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'close(4)',
    ]);
    const iversion = mount({
      destination: '/o',
      type: 'ext4',
      source: '/x',
      options: ['iversion'],
    });
    expect(iversion[1]).toBe('mount("/x", "/proc/self/fd/3", "ext4", MS_I_VERSION, NULL)');
  });

  it('changes what is mounted with remount', () => {
    const options = ['remount', 'ro', 'nosuid', 'async', 'size=1m'];
    expect(mount({ destination: '/tmp', type: 'tmpfs', options })).toEqual([
      `openat2(900, "tmp", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'fspick(3, "", FSPICK_EMPTY_PATH|FSPICK_CLOEXEC)',
      'fsconfig(4, FSCONFIG_SET_FLAG, "ro", NULL, 0)',
      'fsconfig(4, FSCONFIG_SET_FLAG, "async", NULL, 0)',
      'fsconfig(4, FSCONFIG_SET_STRING, "size", "1m", 0)',
      'fsconfig(4, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0)',
      'close(4)',
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID}, 32)',
      'close(3)',
    ]);
  });
});

describe('a tmpfs', () => {
  it('takes over the mode of the directory that it covers', () => {
    const k = new FakeKernel();
    statx(k, 0o41751);
    expect(mount({ destination: '/t', type: 'tmpfs' }, k)).toContain(
      'fsconfig(4, FSCONFIG_SET_STRING, "mode", "1751", 0)',
    );
  });

  it('has 1777 where a directory is made for it', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT', { when: /\(900/, times: 2 });
    const lines = mount({ destination: '/t', type: 'tmpfs' }, k);
    expect(lines).toContain(`mkdirat(900, "$\{name}", 0755)`);
    expect(lines).toContain('fsconfig(4, FSCONFIG_SET_STRING, "mode", "1777", 0)');
  });

  it('turns read-only at the end, as does any /dev', () => {
    const provisions = new MountsProvisions();
    const k = new FakeKernel();
    const mounts = [
      { ...dev, options: ['ro', 'nosuid', 'mode=755'] },
      { destination: '/dev/pts', type: 'devpts' },
    ];
    run(mountStages, { mounts }, k, provisions);
    expect(k.lines).toContain('fsmount(4, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID)');
    expect(k.lines.join()).not.toContain('"ro"');
    expect(provisions.readonlyLater).toEqual([
      { what: 'mounts[0]: mount tmpfs at /dev: make it read-only', mount: 5 },
    ]);
    expect(k.open).toEqual([5]);
  });
});

describe('what is mounted in a new tmpfs', () => {
  const pts = { destination: '/dev/pts', type: 'devpts' };

  it('needs no look-up', () => {
    const lines = mount(pts, new FakeKernel(), [dev]);
    expect(lines[0]).toBe('mkdirat(5, "pts", 0755)');
    expect(lines).toContain('move_mount(7, "", 5, "pts", MOVE_MOUNT_F_EMPTY_PATH)');
    expect(lines.at(-1)).toBe('close(5)');
  });

  it('is looked up once something was mounted elsewhere', () => {
    const k = new FakeKernel();
    statfs(k, TMPFS_MAGIC);
    const lines = mount(pts, k, [dev, { destination: '/sys', type: 'sysfs' }]);
    expect(lines[0]).toBe(
      `openat2(900, "dev/pts", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
    );
  });

  it('is looked up the second time', () => {
    const lines = mount(pts, new FakeKernel(), [dev, pts]);
    expect(lines[1]).toContain('openat2(900, "dev/pts"');
  });

  it('is looked up where it is deeper', () => {
    const lines = mount({ destination: '/dev/a/b', type: 'devpts' }, new FakeKernel(), [dev]);
    expect(lines[1]).toContain('openat2(900, "dev/a/b"');
  });
});

describe('a procfs that was mounted before', () => {
  const sys = { destination: '/sys', type: 'sysfs' };

  it('must not be where a symbolic link leads', () => {
    const k = new FakeKernel();
    statfs(k, PROC_SUPER_MAGIC);
    expect(() => mount(sys, k, [proc])).toThrow(
      'mounts[1]: mount sysfs at /sys: the destination is inside a procfs',
    );
  });

  it('is not looked for before there is one', () => {
    const k = new FakeKernel();
    expect(mount(sys, k).join()).not.toContain('fstatfs');
    expect(mount(sys, new FakeKernel(), [proc]).join()).toContain('fstatfs');
  });

  it('may be covered by another', () => {
    expect(mount(proc, new FakeKernel(), [proc]).join()).not.toContain('fstatfs');
  });
});
