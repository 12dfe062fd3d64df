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

  it('fails where a locked flag is to be cleared', () => {
    const k = new FakeKernel();
    k.fail('mount_setattr', 'EPERM', { when: /attr_clr=.*RDONLY/ });
    expect(() => mount(bind('bind', 'rw'), k)).toThrow(
      'mounts[0]: bind /bundle/vol at /data: mount_setattr: operation not permitted',
    );
  });

  it('changes only what is named with remount', () => {
    expect(mount(bind('bind', 'remount', 'ro'))[1]).toBe(
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
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
  const deep = { destination: '/a/b/c', source: '/vol', options: ['bind'] };

  it('is made as a directory for a directory, with those above it', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT', { when: /\(900, "a\/b/ });
    statx(k, S_IFDIR | 0o700);
    expect(mount(deep, k).slice(2, -3)).toEqual([
      'statx(3, "", AT_EMPTY_PATH, STATX_TYPE, statx)',
      `openat2(900, "a/b", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      `openat2(900, "a", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'mkdirat(4, "b", 0755)',
      'openat2(4, "b", {flags=O_DIRECTORY|O_NOFOLLOW|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
      'close(4)',
      'mkdirat(5, "c", 0755)',
      'openat2(5, "c", {flags=O_DIRECTORY|O_NOFOLLOW|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
      'close(5)',
    ]);
    expect(k.open).toEqual([]);
  });

  it('is made as an empty file for a file', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT', { when: /O_PATH/, times: 1 });
    statx(k, S_IFREG | 0o600);
    expect(mount(deep, k).slice(2, -3)).toEqual([
      'statx(3, "", AT_EMPTY_PATH, STATX_TYPE, statx)',
      `openat2(900, "a/b/c", {flags=O_CREAT|O_NOCTTY|O_NONBLOCK|O_CLOEXEC, mode=0644, ${IN_ROOT}`,
    ]);
    expect(k.open).toEqual([]);
  });

  it('gets the directories above the file', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT', { when: /\(900/, times: 3 });
    statx(k, S_IFREG | 0o600);
    const lines = mount(deep, k);
    expect(lines).toContain('mkdirat(4, "b", 0755)');
    expect(lines.filter((line) => line.includes('O_CREAT'))).toHaveLength(2);
    expect(k.open).toEqual([]);
  });

  it('is tried again when something was renamed meanwhile', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'EAGAIN', { times: 3 });
    expect(mount(bind('bind'), k).slice(1)).toEqual([TARGET, TARGET, TARGET, TARGET, ...ATTACH]);
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
