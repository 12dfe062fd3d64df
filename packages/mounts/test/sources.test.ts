import { PROC_SUPER_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import type { Mount } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { type MountsConfig, MountsProvisions, mountStages, sourceStages } from '../src/index.ts';
import { context, namespaces, ROOTFS, root, statfs } from './support.ts';

const mapping = [{ containerID: 0, hostID: 1000, size: 10 }];
const mappings = { uidMappings: mapping, gidMappings: mapping };
const user = { namespaces: [...namespaces, { type: 'user' as const }], ...mappings };
const mapped = (...options: string[]) => ({ destination: '/v', source: '/vol', options });
const CLONE = 'open_tree(AT_FDCWD, "/vol", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)';
const BEFORE = { destination: '/v', source: '/vol' };

/** What the host lane does before and after the clone, and the container lane. */
function lanes(
  mounts: Mount[],
  linux: MountsConfig['linux'] = { namespaces },
  rootless = false,
  k = new FakeKernel(),
) {
  statfs(k, PROC_SUPER_MAGIC);
  const config = { root, mounts, linux };
  const provisions = new MountsProvisions();
  const whole = { ...context, rootless };
  const { before, after } = sourceStages(config, whole, provisions);
  const run = (stages: readonly { run(k: FakeKernel): void }[]) => {
    const start = k.lines.length;
    for (const stage of stages) stage.run(k);
    return k.lines.slice(start);
  };
  const host = run(before);
  provisions.rootfs.provide(ROOTFS);
  return { host, container: run(mountStages(config, whole, provisions)), after: run(after), k };
}

describe('sources that the host lane opens', () => {
  it('are none for plain mounts, and none of an unprivileged runtime', () => {
    const none = { host: [], after: [] };
    expect(lanes([{ ...BEFORE, options: ['bind'] }])).toMatchObject(none);
    expect(lanes([{ ...BEFORE, options: ['bind'] }], user, true)).toMatchObject(none);
  });

  it('are mapped by a user namespace of a child that has ended', () => {
    const { host, container } = lanes([{ ...mapped('bind', 'idmap'), ...mappings }]);
    const [open, clone, unshare, ...rest] = host;
    expect(open).toBe(CLONE);
    expect(clone).toContain('clone3');
    expect(unshare).toBe('unshare(CLONE_NEWUSER)');
    expect(rest.filter((line) => /^(write|mount_setattr|waitid)|ns\/user/.test(line))).toEqual([
      'write(5, "0 1000 10\\n", 10)',
      'write(6, "0 1000 10\\n", 10)',
      'openat(4, "ns/user", O_CLOEXEC, 0)',
      expect.stringMatching(/^waitid\(P_PID, \d+, NULL, WEXITED/),
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_IDMAP, propagation=MS_SLAVE, userns_fd=7}, 32)',
    ]);
    expect(container).toContain(
      'move_mount(3, "", 8, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
    );
    expect(container.join()).not.toContain('open_tree');
  });

  it('are mapped with all beneath, or alone', () => {
    const set = (...options: string[]) =>
      lanes([{ ...mapped(...options), ...mappings }]).host.filter((line) =>
        line.startsWith('mount_setattr'),
      );
    expect(set('rbind', 'ridmap')).toEqual([
      'mount_setattr(3, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_IDMAP, propagation=MS_SLAVE, userns_fd=7}, 32)',
    ]);
    expect(set('rbind', 'idmap')).toEqual([
      'mount_setattr(3, "", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_SLAVE}, 32)',
      'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_IDMAP, userns_fd=7}, 32)',
    ]);
  });

  it('share a user namespace for the same mappings', () => {
    const other = { ...mappings, gidMappings: [{ containerID: 0, hostID: 5, size: 1 }] };
    const mount = mapped('bind', 'idmap');
    const { host, k } = lanes([
      { ...mount, ...mappings },
      { ...mount, ...mappings },
      { ...mount, ...other },
    ]);
    expect(host.filter((line) => line.startsWith('unshare'))).toHaveLength(2);
    expect(k.open).toEqual([]);
  });

  it('are mapped as the container’s user namespace is, joined or new', () => {
    const path = '/proc/7/ns/user';
    const joined = { namespaces: [...namespaces, { type: 'user' as const, path }] };
    expect(lanes([mapped('bind', 'idmap')], joined).host).toContain(
      `openat(AT_FDCWD, "${path}", O_NONBLOCK|O_CLOEXEC, 0)`,
    );
    expect(lanes([mapped('bind', 'idmap')], user).host).toContain('write(5, "0 1000 10\\n", 10)');
  });

  it('are there for a user namespace whose root cannot get to them', () => {
    const { host, container, after } = lanes([mapped('bind', 'ro')], user);
    expect(host).toEqual([
      CLONE,
      'mount_setattr(3, "", AT_EMPTY_PATH, {propagation=MS_SLAVE}, 32)',
    ]);
    expect(container.slice(0, 3)).toEqual([
      CLONE,
      'close(3)',
      // Nothing that the host has set is cleared.
      'mount_setattr(4, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
    ]);
    expect(after).toEqual(['close(3)']);
  });

  it('may be out of reach of a runtime that is root of a user namespace itself', () => {
    const k = new FakeKernel();
    k.fail('open_tree', 'EPERM', { times: 1 });
    const { host, container, after } = lanes([mapped('bind')], user, false, k);
    expect(host).toEqual([CLONE]);
    expect(container.slice(0, 2)).toEqual([CLONE, 'close(-1)']);
    expect(after).toEqual(['close(-1)']);
    const without = new FakeKernel();
    without.fail('open_tree', 'EACCES');
    without.fail('open_tree', 'EPERM', { times: 1 });
    expect(() => lanes([mapped('bind')], user, false, without)).toThrow(
      'mounts[0]: bind /vol at /v: the user namespace has no access to the source',
    );
  });

  it('have the propagation that the host’s mounts are to have', () => {
    const bind = { ...mapped('bind', 'idmap'), ...mappings };
    const set = (rootfsPropagation: 'shared' | 'rprivate', more = {}) =>
      lanes([bind], { namespaces, rootfsPropagation, ...more }).host.find((line) =>
        line.startsWith('mount_setattr'),
      );
    expect(set('rprivate')).toContain('propagation=MS_PRIVATE');
    expect(set('shared')).toContain('propagation=MS_SHARED');
    expect(set('shared', user)).toContain('propagation=MS_SLAVE');
  });
});
