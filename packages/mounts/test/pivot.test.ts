import { S_IFCHR } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { MountsProvisions, pivotStages } from '../src/index.ts';
import { namespaces, run, statx } from './support.ts';

const PIVOT = ['fchdir(900)', 'pivot_root(".", ".")'];
const DETACH = 'umount2("/", MNT_DETACH)';

describe('pivotStages', () => {
  it('pivots, and takes the old root away in a stage of its own', () => {
    expect(run(pivotStages, {}).lines).toEqual([...PIVOT, DETACH]);
    const stages = pivotStages(
      { root: { path: 'r' }, linux: { namespaces } },
      { bundle: '/b', noPivot: false },
      new MountsProvisions(),
    );
    expect(stages.map(({ name }) => name)).toEqual(['pivot root', 'detach old root']);
  });

  it('keeps the unmounting from a host that mounts are still shared with', () => {
    expect(run(pivotStages, { linux: { rootfsPropagation: 'shared' } }).lines).toEqual([
      'openat(AT_FDCWD, "/", O_DIRECTORY|O_PATH|O_CLOEXEC, 0)',
      ...PIVOT,
      'mount_setattr(3, "", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_SLAVE}, 32)',
      'close(3)',
      'mount_setattr(900, "", AT_EMPTY_PATH, {propagation=MS_SHARED}, 32)',
      DETACH,
    ]);
  });

  it('gives the new root the propagation that was named', () => {
    expect(run(pivotStages, { linux: { rootfsPropagation: 'rslave' } }).lines).toEqual([
      ...PIVOT,
      'mount_setattr(900, "", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_SLAVE}, 32)',
      DETACH,
    ]);
  });

  it.each(['rprivate', 'runbindable'] as const)(
    'leaves a root as it is that is private already, or unbindable later: %s',
    (rootfsPropagation) => {
      const { lines } = run(pivotStages, { linux: { rootfsPropagation } });
      expect(lines).toEqual([...PIVOT, DETACH]);
    },
  );

  it("takes the host's /dev/null along for masks", () => {
    const k = new FakeKernel();
    statx(k, S_IFCHR, 1, 3);
    run(pivotStages, { linux: { maskedPaths: ['/a'] } }, k);
    expect(k.lines.slice(0, 2)).toEqual([
      'open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)',
      'statx(3, "", AT_EMPTY_PATH, STATX_TYPE, statx)',
    ]);
    expect(k.lines.slice(-3)).toEqual([...PIVOT, DETACH]);
    expect(k.open).toHaveLength(2);
    const other = new FakeKernel();
    statx(other, S_IFCHR, 1, 5);
    expect(() => run(pivotStages, { linux: { maskedPaths: ['/a'] } }, other)).toThrow(
      "linux.maskedPaths: the host's /dev/null is another device",
    );
  });

  describe('without pivot_root', () => {
    /** As if the rootfs stages had found two of them. */
    function move(k: FakeKernel): readonly string[] {
      const provisions = new MountsProvisions();
      const descriptors = new FakeMemory('procfs and sysfs', 16);
      descriptors.store(0, 8, 700);
      descriptors.store(8, 8, 701);
      provisions.hostProcfs.provide({ descriptors, count: 2 });
      return run(pivotStages, {}, k, provisions, { noPivot: true }).lines;
    }
    const MOVE = [
      'fchdir(900)',
      'move_mount(900, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)',
      'chroot(".")',
      'chdir("/")',
    ];

    it("moves the root, once the host's procfs and sysfs are gone", () => {
      expect(move(new FakeKernel())).toEqual([
        ...['fchdir(701)', 'umount2(".", MNT_DETACH)', 'close(701)'],
        ...['fchdir(700)', 'umount2(".", MNT_DETACH)', 'close(700)'],
        ...MOVE,
      ]);
    });

    it('covers them where they are locked', () => {
      const k = new FakeKernel();
      k.fail('umount2', 'EINVAL', { times: 1 });
      expect(move(k).slice(2, 10)).toEqual([
        'fsopen("tmpfs", FSOPEN_CLOEXEC)',
        'fsconfig(3, FSCONFIG_SET_STRING, "source", "tmpfs", 0)',
        'fsconfig(3, FSCONFIG_SET_FLAG, "ro", NULL, 0)',
        'fsconfig(3, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
        'fsmount(3, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)',
        'close(3)',
        'move_mount(4, "", 701, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
        'close(4)',
      ]);
    });
  });

  it('only changes the root in a mount namespace that others use', () => {
    const linux = { namespaces: [{ type: 'mount' as const, path: '/n' }] };
    expect(run(pivotStages, { linux }).lines).toEqual(['fchdir(900)', 'chroot(".")', 'chdir("/")']);
  });
});
