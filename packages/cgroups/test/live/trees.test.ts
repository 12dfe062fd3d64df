import { existsSync, mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceCgroup } from '@oci/spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Layout } from '../../src/index.ts';
import { Cgroup } from '../../src/live/index.ts';
import { Tree } from '../support/tree.ts';

let tree: Tree;
beforeEach(() => {
  tree = new Tree({});
});
afterEach(() => tree[Symbol.dispose]());

function unified(): Cgroup {
  const controllers = ['cpu', 'memory', 'pids'];
  const layout: Layout = {
    kind: 'unified',
    hierarchies: [],
    unified: { version: 2, controllers, mountpoint: tree.root },
  };
  return Cgroup.at('/box', { layout });
}

function legacy(...names: string[]): Cgroup {
  const hierarchies = names.map((name) => ({
    version: 1 as const,
    controllers: [name],
    mountpoint: join(tree.root, name),
  }));
  return Cgroup.at('/box', { layout: { kind: 'legacy', hierarchies } });
}

describe('on a tree that imitates version 2', () => {
  it('lists the processes of all cgroups below, in order', () => {
    tree.write('box/cgroup.procs', '30\n0\n');
    tree.write('box/a/cgroup.procs', '20\n');
    tree.write('box/a/b/cgroup.procs', '100\n20\n');
    expect(unified().processes()).toEqual([20, 30, 100]);
  });

  it('waits until all have stopped', async () => {
    tree.write('box/cgroup.freeze', '0');
    tree.write('box/cgroup.events', 'populated 1\nfrozen 0\n');
    const kernel = watch(join(tree.root, 'box/cgroup.freeze'), () => {
      tree.write('box/cgroup.events', `populated 1\nfrozen ${tree.read('box/cgroup.freeze')}\n`);
    });
    const cgroup = unified();
    await cgroup.freeze();
    kernel.close();
    expect(cgroup.isFrozen()).toBe(true);
    await cgroup.thaw();
    expect(tree.read('box/cgroup.freeze')).toBe('0');
  });

  it('has nobody to let go on once it is gone', async () => {
    await unified().thaw();
    await legacy('freezer').thaw();
    expect([unified().exists(), legacy('freezer').exists()]).toEqual([false, false]);
  });

  it('kills all at once', async () => {
    tree.write('box/cgroup.kill', '');
    tree.write('box/cgroup.procs', '');
    await unified().kill();
    expect(tree.read('box/cgroup.kill')).toBe('1');
  });

  it('completes what an update leaves out, and says with what', () => {
    tree.write('box/memory.max', '1000\n');
    tree.write('box/memory.swap.max', 'max\n');
    tree.write('box/cpu.max', '500 100000\n');
    expect(unified().update({ memory: { swap: 1500 }, cpu: { period: 2000 } })).toEqual({
      memory: { swap: 1500, limit: 1000 },
      cpu: { period: 2000, quota: 500 },
    });
    expect(tree.read('box/memory.swap.max')).toMatch(/^500/);
    expect(tree.read('box/memory.max')).toMatch(/^1000/);
    expect(tree.read('box/cpu.max')).toMatch(/^500 2000/);
    tree.write('box/cpu.max', '20000 50000\n');
    expect(unified().update({ cpu: { quota: 30_000 } })).toEqual({
      cpu: { quota: 30_000, period: 50_000 },
    });
    tree.write('box/cpu.max', 'max 50000\n');
    expect(unified().update({ cpu: { period: 2000 } })).toEqual({ cpu: { period: 2000 } });
    expect(tree.read('box/cpu.max')).toMatch(/^max 2000/);
    expect(unified().update({ cpu: { quota: -1, period: 3000 } })).toEqual({
      cpu: { quota: -1, period: 3000 },
    });
    expect(unified().update({ cpu: { burst: 0 } })).toEqual({ cpu: { burst: 0 } });
  });

  it('sets back what was written before something is refused', () => {
    tree.write('box/pids.max', 'max\n');
    tree.write('box/memory.max', '1000\n');
    tree.write('box/memory.low', '0\n');
    // And no cpu.weight.
    expect(() =>
      unified().update({
        memory: { limit: 5, reservation: 4 },
        cpu: { shares: 5 },
        pids: { limit: 3 },
      }),
    ).toThrow(/^linux\.resources\.cpu\.shares: /);
    expect([tree.read('box/memory.max'), tree.read('box/memory.low')]).toEqual(['1000\n', '0\n']);
    expect(tree.read('box/pids.max')).toBe('max\n');
  });

  it('takes no limit below what is in use, where that is to be checked', () => {
    tree.write('box/memory.current', '5000\n');
    tree.write('box/memory.max', 'max\n');
    const update = (limit: number, checkBeforeUpdate: boolean) => () =>
      unified().update({ memory: { limit, checkBeforeUpdate } });
    expect(update(4999, true)).toThrow(
      'linux.resources.memory.limit: is below the 5000 bytes that are in use',
    );
    expect(update(5000, true)).not.toThrow();
    expect(update(-1, true)).not.toThrow();
    expect(update(4999, false)).not.toThrow();
  });

  it('tells when memory ran out, and ends with the last process', async () => {
    tree.write('box/memory.events', 'oom_kill 1\n');
    tree.write('box/cgroup.events', 'populated 1\n');
    let count = 0;
    const counting = (async () => {
      for await (const _ of unified().oomEvents()) count++;
    })();
    tree.write('box/memory.events', 'oom_kill 3\n');
    await expect.poll(() => count).toBe(2);
    tree.write('box/cgroup.events', 'populated 0\n');
    await counting;
    expect(count).toBe(2);
  });

  it('stops to tell when it is told to', async () => {
    tree.write('box/memory.events', 'oom_kill 0\n');
    tree.write('box/cgroup.events', 'populated 1\n');
    const controller = new AbortController();
    const done = unified().oomEvents({ signal: controller.signal }).next();
    await sleep(20);
    controller.abort();
    expect(await done).toEqual({ done: true, value: undefined });
  });
});

describe('on a tree that imitates version 1', () => {
  it('completes what an update leaves out', () => {
    tree.write('cpu/box/cpu.cfs_quota_us', '20000\n');
    tree.write('cpu/box/cpu.cfs_period_us', '50000\n');
    const update = (cpu: object) => legacy('cpu').update({ cpu }).cpu;
    expect(update({ period: 40_000 })).toEqual({ quota: 20_000, period: 40_000 });
    tree.write('cpu/box/cpu.cfs_period_us', '40000\n');
    expect(update({ quota: 30_000 })).toEqual({ quota: 30_000, period: 40_000 });
    tree.write('cpu/box/cpu.cfs_quota_us', '-1\n');
    expect(update({ period: 50_000 })).toEqual({ period: 50_000 });
  });

  it('tells each limit that it has no file for once, and changes nothing', () => {
    tree.write('pids/box/pids.max', 'max');
    const hugepageLimits = [{ pageSize: '2MB', limit: 1 }];
    const update = () => legacy('pids', 'hugetlb').update({ pids: { limit: 5 }, hugepageLimits });
    const told = 'linux.resources.hugepageLimits[0].limit: it has no cgroup of hugetlb';
    expect(update).toThrow(expect.objectContaining({ message: `cgroup: ${told}` }));
    expect(tree.read('pids/box/pids.max')).toBe('max');
  });

  it('is not frozen where it has thawed, and is where it has only begun to freeze', () => {
    const isFrozen = (state: string) => {
      tree.write('freezer/box/freezer.state', `${state}\n`);
      return legacy('freezer').isFrozen();
    };
    expect(['THAWED', 'FREEZING', 'FROZEN'].map(isFrozen)).toEqual([false, true, true]);
  });

  it('takes no device rules that it cannot have, as at the start', () => {
    tree.write('devices/box/devices.list', 'c 1:3 rwm\n');
    const update = (...devices: DeviceCgroup[]) => legacy('devices').update({ devices });
    const all = { allow: true, access: 'rwm' };
    const disks = { allow: true, type: 'b', major: 8, access: 'rwm' } as const;
    expect(() => update({ allow: false }, disks, { ...disks, allow: false, minor: 0 })).toThrow(
      'linux.resources.devices[2]: cgroup v1 cannot deny a part',
    );
    expect(() => update({ ...disks, major: 5000 })).toThrow(
      'linux.resources.devices[0].major: must be from 0 to 4095',
    );
    expect(() => legacy('pids').update({ devices: [all] })).toThrow('there is no such cgroup');
    mkdirSync(join(tree.root, 'devices/box/below'));
    expect(() => update(all)).toThrow(
      'linux.resources.devices: cgroup v1 cannot change whether devices are allowed by default while there are cgroups below',
    );
  });

  it('removes all directories, those below first, and those that are not there', async () => {
    mkdirSync(join(tree.root, 'pids/box/a/b'), { recursive: true });
    mkdirSync(join(tree.root, 'pids/box/c'), { recursive: true });
    mkdirSync(join(tree.root, 'memory'), { recursive: true });
    await legacy('pids', 'memory').remove();
    expect(existsSync(join(tree.root, 'pids/box'))).toBe(false);
    expect(existsSync(join(tree.root, 'pids'))).toBe(true);
  });

  it('says when there is no such cgroup', async () => {
    const gone = { code: 'MISSING', message: 'there is no such cgroup' };
    for (const cgroup of [legacy('pids', 'freezer', 'memory'), unified()]) {
      expect(() => cgroup.processes()).toThrow(expect.objectContaining(gone));
      expect(() => cgroup.add(1)).toThrow(expect.objectContaining(gone));
      expect(() => cgroup.stats()).toThrow(expect.objectContaining(gone));
      expect(() => cgroup.isFrozen()).toThrow(expect.objectContaining(gone));
      expect(() => cgroup.oomEvents()).toThrow(expect.objectContaining(gone));
      expect(() => cgroup.update({})).toThrow(expect.objectContaining(gone));
      await expect(cgroup.freeze()).rejects.toMatchObject(gone);
      await expect(cgroup.kill()).rejects.toMatchObject(gone);
      expect(cgroup.exists()).toBe(false);
    }
    expect(() => legacy('pids').oomEvents()).toThrow('there is no memory controller');
  });
});

describe('a path', () => {
  const at = (path: string) => Cgroup.at(path, { layout: unified().layout });

  it('that climbs out is none', () => {
    for (const path of ['/../x', '..', 'a/../../x'])
      expect(() => at(path)).toThrow(
        expect.objectContaining({
          code: 'INVALID_PATH',
          message: `cgroup ${path}: must not climb out by ..`,
        }),
      );
    expect([...at('//a/./b/').directories.values()]).toEqual([join(tree.root, 'a/b')]);
  });

  it.each(['', '/', './'])('%j is the root, which is only looked at', async (path) => {
    tree.write('cgroup.freeze', '0');
    tree.write('cgroup.kill', '0');
    tree.write('pids.max', 'max');
    tree.write('box/cgroup.procs', '7\n');
    const root = at(path);
    const refused = { code: 'ROOT' };
    expect([root.exists(), root.isFrozen(), root.processes()]).toEqual([true, false, [7]]);
    expect(() => root.update({ pids: { limit: 1 } })).toThrow(expect.objectContaining(refused));
    await expect(root.freeze()).rejects.toMatchObject(refused);
    await expect(root.kill()).rejects.toMatchObject(refused);
    await expect(root.remove()).rejects.toMatchObject(refused);
    expect(() => Cgroup.create(path, { layout: root.layout })).toThrow(
      'linux.cgroupsPath: must not be the root of all cgroups',
    );
    const files = ['cgroup.freeze', 'cgroup.kill', 'pids.max'].map((file) => tree.read(file));
    expect(files).toEqual(['0', '0', 'max']);
    expect(existsSync(join(tree.root, 'box'))).toBe(true);
  });
});
