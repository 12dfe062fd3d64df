import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { MountsProvisions, maskStages } from '../src/index.ts';
import { run } from './support.ts';

const IN_ROOT = 'resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)';
const ONTO = 'MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH';

function masks(maskedPaths: string[], k = new FakeKernel()): readonly string[] {
  const provisions = new MountsProvisions();
  provisions.maskSources.provide({ file: 800, directory: 801 });
  return run(maskStages, { linux: { maskedPaths } }, k, provisions).lines;
}

const END = ['close(800)', 'close(801)', 'umask(022)'];

describe('an unbindable root', () => {
  it('becomes so when nothing is to be bound from it any more', () => {
    const linux = { rootfsPropagation: 'runbindable' as const, readonlyPaths: ['/proc/sys'] };
    const { lines } = run(maskStages, { root: { path: 'rootfs', readonly: true }, linux });
    expect(lines.slice(-3)).toEqual([
      'mount_setattr(900, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
      'mount_setattr(900, "", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_UNBINDABLE}, 32)',
      'umask(022)',
    ]);
  });

  it('is the only one that does', () => {
    const { lines } = run(maskStages, { linux: { rootfsPropagation: 'rshared' } });
    expect(lines).toEqual(['umask(022)']);
  });
});

describe('masked paths', () => {
  it('covers a directory with an empty one', () => {
    const k = new FakeKernel();
    expect(masks(['/proc/acpi'], k)).toEqual([
      `openat2(900, "proc/acpi", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'open_tree(801, "", OPEN_TREE_CLONE|AT_EMPTY_PATH|OPEN_TREE_CLOEXEC)',
      `move_mount(4, "", 3, "", ${ONTO})`,
      'close(4)',
      'close(3)',
      ...END,
    ]);
    expect(k.open).toEqual([]);
  });

  it('covers a file with the host’s /dev/null', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOTDIR', { when: /O_DIRECTORY/ });
    expect(masks(['/proc/kcore'], k).slice(1)).toEqual([
      `openat2(900, "proc/kcore", {flags=O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'open_tree(800, "", OPEN_TREE_CLONE|AT_EMPTY_PATH|OPEN_TREE_CLOEXEC)',
      `move_mount(4, "", 3, "", ${ONTO})`,
      'close(4)',
      'close(3)',
      ...END,
    ]);
  });

  it('attaches the source itself before Linux 6.15, and copies it from there', () => {
    const k = new FakeKernel();
    k.fail('open_tree', 'EINVAL', { times: 1 });
    const lines = masks(['/a', '/b'], k);
    expect(lines.filter((line) => line.startsWith('move_mount'))).toEqual([
      `move_mount(801, "", 3, "", ${ONTO})`,
      `move_mount(5, "", 4, "", ${ONTO})`,
    ]);
    expect(lines.filter((line) => line === 'close(801)')).toHaveLength(1);
  });

  it('needs nothing where there is nothing', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT');
    expect(masks(['/proc/kcore'], k)).toHaveLength(1 + END.length);
  });

  it('fails for any other reason', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'EACCES');
    expect(() => masks(['/ok', '/proc/kcore'].slice(1), k)).toThrow(
      'linux.maskedPaths[0]: mask /proc/kcore: openat2: permission denied',
    );
  });

  it('masks a path once', () => {
    expect(masks(['/a', '//a/', '/b/../a'])).toEqual(masks(['/a']));
  });
});

describe('read-only paths', () => {
  it('covers a path with a read-only copy', () => {
    const k = run(maskStages, { linux: { readonlyPaths: ['/proc/sys'] } });
    expect(k.lines).toEqual([
      `openat2(900, "proc/sys", {flags=O_PATH|O_CLOEXEC, ${IN_ROOT}`,
      'open_tree(3, "", OPEN_TREE_CLONE|AT_EMPTY_PATH|AT_RECURSIVE|OPEN_TREE_CLOEXEC)',
      'mount_setattr(4, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
      `move_mount(4, "", 3, "", ${ONTO})`,
      'close(4)',
      'close(3)',
      'umask(022)',
    ]);
  });

  it('needs nothing where there is nothing', () => {
    const k = new FakeKernel();
    k.fail('openat2', 'ENOENT');
    expect(run(maskStages, { linux: { readonlyPaths: ['/a', '/b'] } }, k).lines).toHaveLength(3);
  });
});

describe('the last stage', () => {
  it('makes a read-only root so, alone', () => {
    expect(run(maskStages, { root: { path: 'rootfs', readonly: true } }).lines).toEqual([
      'mount_setattr(900, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
      'umask(022)',
    ]);
    expect(run(maskStages, {}).lines).toEqual(['umask(022)']);
  });

  it('makes mounts read-only that had to wait', () => {
    const provisions = new MountsProvisions();
    provisions.readonlyLater.push({ what: 'mounts[1]: make it read-only', mount: 70 });
    const k = new FakeKernel();
    k.fail('mount_setattr', 'EBUSY');
    expect(() => run(maskStages, {}, k, provisions)).toThrow(
      'mounts[1]: make it read-only: mount_setattr: ',
    );
    expect(k.lines[0]).toBe(
      'mount_setattr(70, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
    );
  });
});
