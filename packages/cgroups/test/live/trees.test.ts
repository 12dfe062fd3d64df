import { existsSync, mkdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

  it('completes what an update leaves out', () => {
    tree.write('box/memory.max', '1000\n');
    tree.write('box/memory.swap.max', 'max\n');
    tree.write('box/cpu.max', '500 100000\n');
    unified().update({ memory: { swap: 1500 }, cpu: { period: 2000 } });
    expect(tree.read('box/memory.swap.max')).toMatch(/^500/);
    expect(tree.read('box/memory.max')).toMatch(/^1000/);
    expect(tree.read('box/cpu.max')).toMatch(/^500 2000/);
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
  it('removes all directories, those below first, and those that are not there', async () => {
    mkdirSync(join(tree.root, 'pids/box/a/b'), { recursive: true });
    mkdirSync(join(tree.root, 'pids/box/c'), { recursive: true });
    mkdirSync(join(tree.root, 'memory'), { recursive: true });
    await legacy('pids', 'memory').remove();
    expect(existsSync(join(tree.root, 'pids/box'))).toBe(false);
    expect(existsSync(join(tree.root, 'pids'))).toBe(true);
  });

  it('says when there is no such cgroup', () => {
    expect(() => legacy('pids').processes()).toThrow('there is no such cgroup');
    expect(() => legacy('pids').add(1)).toThrow('there is no such cgroup');
    expect(legacy('pids').exists()).toBe(false);
    expect(() => legacy('pids').oomEvents()).toThrow('there is no memory controller');
  });
});
