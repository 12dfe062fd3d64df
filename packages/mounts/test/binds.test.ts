import { PROC_SUPER_MAGIC, S_IFDIR, S_IFREG, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { mount, statfs, statx } from './support.ts';

const IN_ROOT = 'resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)';
const ATTACH = [
  'move_mount(3, "", 4, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
  'close(4)',
  'close(3)',
];
const TARGET = `openat2(900, "data", {flags=O_PATH|O_CLOEXEC, ${IN_ROOT}`;

const bind = (...options: string[]) => ({ destination: '/data', source: 'vol', options });

describe('a bind mount', () => {
  it('is a copy of the source, attached by descriptor', () => {
    expect(mount(bind('bind'))).toEqual([
      'open_tree(AT_FDCWD, "/bundle/vol", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)',
      TARGET,
      ...ATTACH,
    ]);
  });

  it('takes along what is mounted beneath with rbind', () => {
    expect(mount({ destination: 'data/', source: '/vol', options: ['rbind'] })).toEqual([
      'open_tree(AT_FDCWD, "/vol", OPEN_TREE_CLONE|AT_RECURSIVE|OPEN_TREE_CLOEXEC)',
      TARGET,
      ...ATTACH,
    ]);
  });

  it('has the flags that its options name and no others', () => {
    expect(mount(bind('bind', 'ro', 'nosuid'))[1]).toBe(
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID, attr_clr=MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC|MOUNT_ATTR_NOSYMFOLLOW}, 32)',
    );
  });

  it('keeps flags that a user namespace has locked', () => {
    const k = new FakeKernel();
    k.fail('mount_setattr', 'EPERM', { when: /NOEXEC/ });
    expect(mount(bind('rbind', 'ro', 'dev', 'rprivate'), k).slice(2)).toEqual([
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=MOUNT_ATTR_NODEV}, 32)',
      'mount_setattr(3, "", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_PRIVATE}, 32)',
      TARGET,
      ...ATTACH,
    ]);
  });

  it.each([
    [S_IFDIR, S_IFREG, 'the destination is not a directory, as the source is'],
    [S_IFREG, S_IFDIR, 'the source is not a directory, as the destination is'],
    [S_IFREG, S_IFREG, 'move_mount: invalid argument'],
  ])('says why it cannot be attached: %o on %o', (from, onto, reason) => {
    const k = new FakeKernel();
    statx(k, from, 0, 0, /^statx\(3/);
    statx(k, onto, 0, 0, /^statx\(4/);
    k.fail('move_mount', 'EINVAL');
    expect(() => mount(bind('bind'), k)).toThrow(`mounts[0]: bind /bundle/vol at /data: ${reason}`);
  });

  it('fails where a locked flag is to be cleared', () => {
    const k = new FakeKernel();
    k.fail('mount_setattr', 'EPERM', { when: /attr_clr=.*RDONLY/ });
    expect(() => mount(bind('bind', 'rw'), k)).toThrow(
      'mounts[0]: bind /bundle/vol at /data: mount_setattr: operation not permitted',
    );
  });

  it('changes only what is named of what is there with remount', () => {
    expect(mount(bind('bind', 'remount', 'ro'))).toEqual([
      TARGET,
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
      'close(3)',
    ]);
  });

  it('is the link itself with src-nofollow', () => {
    expect(mount(bind('bind', 'src-nofollow'))[0]).toBe(
      'open_tree(AT_FDCWD, "/bundle/vol", OPEN_TREE_CLONE|AT_SYMLINK_NOFOLLOW|OPEN_TREE_CLOEXEC)',
    );
  });

  it('reaches what is beneath with recursive options', () => {
    expect(mount(bind('rbind', 'rro', 'rnoatime')).slice(1, 3)).toEqual([
      'mount_setattr(3, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOATIME, attr_clr=MOUNT_ATTR__ATIME}, 32)',
      TARGET,
    ]);
  });

  it('says that its source is missing', () => {
    const k = new FakeKernel();
    k.fail('open_tree', 'ENOENT');
    expect(() => mount(bind('bind'), k)).toThrow(
      'mounts[0]: bind /bundle/vol at /data: open_tree: no such file or directory',
    );
  });
});

describe('its mount point', () => {
  const deep = { destination: '/a/b', source: '/vol', options: ['bind'] };
  const OPEN_NEW = `openat2(900, "$\{name}", {flags=O_NOFOLLOW|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)`;
  const PREFIX = `openat2(900, "$\{path}", {flags=O_PATH|O_CLOEXEC, ${IN_ROOT}`;
  /** Lets look-ups in the rootfs find nothing. */
  const nothing = (mode: number) => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT', { when: /\(900/, times: 3 });
    // What is opened then has the same parent, that nothing was found in.
    k.returns('openat2', 900, { when: /NO_SYMLINKS/ });
    statx(k, mode);
    return k;
  };

  it('is made as a directory for a directory, with those above it', () => {
    const k = nothing(S_IFDIR | 0o700);
    expect(mount(deep, k).slice(2, -3)).toEqual([
      'statx(3, "", AT_EMPTY_PATH, STATX_TYPE, statx)',
      PREFIX,
      `mkdirat(900, "$\{name}", 0755)`,
      OPEN_NEW,
      PREFIX,
      `mkdirat(900, "$\{name}", 0755)`,
      OPEN_NEW,
    ]);
  });

  it('is made as an empty file for anything else', () => {
    const k = nothing(S_IFREG | 0o600);
    expect(mount(deep, k).filter((line) => /^mk/.test(line))).toEqual([
      `mkdirat(900, "$\{name}", 0755)`,
      `mknodat(900, "$\{name}", S_IFREG|0644, 0)`,
    ]);
  });

  it('is the link itself with dest-nofollow', () => {
    expect(mount(bind('bind', 'dest-nofollow'))[1]).toBe(
      `openat2(900, "data", {flags=O_NOFOLLOW|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
    );
  });

  it('is tried again when something was renamed meanwhile', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'EAGAIN', { times: 3 });
    expect(mount(bind('bind'), k).slice(1)).toEqual([TARGET, TARGET, TARGET, TARGET, ...ATTACH]);
  });

  it('is not tried for ever', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'EAGAIN');
    expect(() => mount(bind('bind'), k)).toThrow(
      'mounts[0]: bind /bundle/vol at /data: files are renamed too fast for the path to be looked up safely',
    );
    expect(k.lines.filter((line) => line === TARGET)).toHaveLength(128);
  });
});

describe('on /proc', () => {
  const onProc = { destination: '/proc', source: '/proc', options: ['rbind'] };

  it('only a procfs can be bound', () => {
    const k = new FakeKernel();
    statfs(k, TMPFS_MAGIC);
    expect(() => mount(onProc, k)).toThrow(
      'mounts[0]: bind /proc at /proc: only a procfs may be mounted on /proc',
    );
    const procfs = new FakeKernel();
    statfs(procfs, PROC_SUPER_MAGIC);
    expect(mount(onProc, procfs).join()).toContain('move_mount');
  });

  it('single files that lxcfs provides may be covered', () => {
    const k = new FakeKernel();
    const before = [{ destination: '/proc', type: 'proc' }];
    const meminfo = { destination: '/proc/meminfo', source: '/m', options: ['bind'] };
    expect(mount(meminfo, k, before).join()).not.toContain('fstatfs');
  });
});
