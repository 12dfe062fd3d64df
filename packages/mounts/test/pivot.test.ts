import { S_IFCHR } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { MountsProvisions, pivotStages } from '../src/index.ts';
import { run, statx } from './support.ts';

const PIVOT = ['fchdir(900)', 'pivot_root(".", ".")'];
const DETACH = 'umount2("/", MNT_DETACH)';

describe('pivotStages', () => {
  it('pivots, and takes the old root away in a stage of its own', () => {
    expect(run(pivotStages, {}).lines).toEqual([...PIVOT, DETACH]);
    const stages = pivotStages(
      { root: { path: 'r' } },
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

  it.each([
    ['rslave', 'AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_SLAVE}'],
    ['runbindable', 'AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_UNBINDABLE}'],
  ] as const)(
    'gives the new root the propagation that was named: %s',
    (rootfsPropagation, args) => {
      expect(run(pivotStages, { linux: { rootfsPropagation } }).lines).toEqual([
        ...PIVOT,
        `mount_setattr(900, "", ${args}, 32)`,
        DETACH,
      ]);
    },
  );

  it('leaves a private root as it is', () => {
    expect(run(pivotStages, { linux: { rootfsPropagation: 'rprivate' } }).lines).toEqual([
      ...PIVOT,
      DETACH,
    ]);
  });

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

  it('moves the root where it must not pivot', () => {
    const noPivot = { noPivot: true };
    const k = run(pivotStages, {}, new FakeKernel(), new MountsProvisions(), noPivot);
    expect(k.lines).toEqual([
      'umount2("/proc", MNT_DETACH)',
      'umount2("/sys", MNT_DETACH)',
      'fchdir(900)',
      'move_mount(900, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)',
      'chroot(".")',
      'chdir("/")',
    ]);
  });

  it("covers the host's procfs where it is locked", () => {
    const k = new FakeKernel();
    k.fail('umount2', 'EINVAL', { when: /proc/ });
    run(pivotStages, {}, k, new MountsProvisions(), { noPivot: true });
    expect(k.lines.slice(1, 7)).toEqual([
      'fsopen("tmpfs", FSOPEN_CLOEXEC)',
      'fsconfig(3, FSCONFIG_SET_STRING, "source", "tmpfs", 0)',
      'fsconfig(3, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
      'fsmount(3, FSMOUNT_CLOEXEC, 0)',
      'close(3)',
      'move_mount(4, "", AT_FDCWD, "/proc", MOVE_MOUNT_F_EMPTY_PATH)',
    ]);
  });
});
