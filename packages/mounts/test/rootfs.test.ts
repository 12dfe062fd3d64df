import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { MountsProvisions, rootfsStages } from '../src/index.ts';
import { context, run } from './support.ts';

const BIND = [
  'open_tree(3, "", OPEN_TREE_CLONE|AT_EMPTY_PATH|AT_RECURSIVE|OPEN_TREE_CLOEXEC)',
  'move_mount(4, "", 3, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
  'close(3)',
];

describe('rootfsStages', () => {
  it('makes all mounts slaves, and binds the rootfs onto itself', () => {
    const provisions = new MountsProvisions();
    const k = run(rootfsStages, {}, new FakeKernel(), provisions);
    expect(k.lines).toEqual([
      'umask(0)',
      'mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, {propagation=MS_SLAVE}, 32)',
      'openat(AT_FDCWD, "/bundle/rootfs", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      ...BIND,
    ]);
    expect(provisions.rootfs.value).toBe(4);
    expect(k.open).toEqual([4]);
  });

  it('takes an absolute path as it is', () => {
    const k = run(rootfsStages, { root: { path: '/images/a/../b' } });
    expect(k.lines[2]).toBe('openat(AT_FDCWD, "/images/b", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)');
  });

  it.each([
    ['ENOENT', 'no such file or directory'],
    ['ENOTDIR', 'not a directory'],
  ] as const)('says what is wrong with the path: %s', (errno, words) => {
    const k = new FakeKernel();
    k.fail('openat', errno);
    expect(() => run(rootfsStages, {}, k)).toThrow(`root.path: /bundle/rootfs: openat: ${words}`);
  });

  it.each([
    ['rprivate', 'AT_RECURSIVE, {propagation=MS_PRIVATE}'],
    ['rslave', 'AT_RECURSIVE, {propagation=MS_SLAVE}'],
    // An unbindable rootfs could not be bound; its own mount becomes so later.
    ['runbindable', 'AT_RECURSIVE, {propagation=MS_PRIVATE}'],
  ] as const)('leaves nothing shared with %s', (rootfsPropagation, arguments_) => {
    const k = run(rootfsStages, { linux: { rootfsPropagation } });
    expect(k.lines[1]).toBe(`mount_setattr(AT_FDCWD, "/", ${arguments_}, 32)`);
    expect(k.lines.slice(3)).toEqual(BIND);
  });

  it.each(['shared', 'rshared', 'slave', 'private'] as const)(
    'makes the mount that the rootfs is in private with %s',
    (rootfsPropagation) => {
      const k = run(rootfsStages, { linux: { rootfsPropagation } });
      expect(k.lines[3]).toBe('mount_setattr(3, "", AT_EMPTY_PATH, {propagation=MS_PRIVATE}, 32)');
      expect(k.lines.slice(4)).toEqual(BIND);
    },
  );

  it('looks for that mount upwards', () => {
    const k = new FakeKernel();
    k.fail('mount_setattr', 'EINVAL', { when: /PRIVATE/, times: 3 });
    run(rootfsStages, { linux: { rootfsPropagation: 'shared' } }, k);
    const setPrivate = (fd: number) =>
      `mount_setattr(${fd}, "", AT_EMPTY_PATH, {propagation=MS_PRIVATE}, 32)`;
    expect(k.lines.slice(3, 13)).toEqual([
      setPrivate(3),
      'openat(3, "..", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      setPrivate(4),
      'openat(4, "..", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      'close(4)',
      setPrivate(5),
      'openat(5, "..", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      'close(5)',
      setPrivate(6),
      'close(6)',
    ]);
    expect(k.open).toHaveLength(1);
  });

  it('is in the container lane', () => {
    for (const stage of rootfsStages({ root: { path: 'rootfs' } }, context, new MountsProvisions()))
      expect(stage).toMatchObject({ lane: 'container', category: 'Mounts' });
  });
});
