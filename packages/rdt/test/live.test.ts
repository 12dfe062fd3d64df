import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { IntelRdt } from '@oci/spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownGroups, rdtStages, removeRdt } from '../src/index.ts';
import { configWith, contextWith } from './config.ts';
import { ResctrlKernel, ResctrlTree } from './imitation.ts';

/** The stages, live on a tree that imitates resctrl: the real one differs only by its path. */
describe('the stages on a tree', () => {
  let tree = new ResctrlTree();
  tree.remove();
  beforeEach(() => {
    tree = new ResctrlTree();
  });
  afterEach(() => tree.remove());

  function start(rdt: IntelRdt, kernel = new ResctrlKernel(tree)): void {
    kernel.transaction(() => {
      for (const stage of rdtStages(configWith(rdt), contextWith(tree.root))) stage.run(kernel);
    });
  }

  it('make a class of the container’s own, and remove it', () => {
    const rdt = { schemata: ['L3:0=7f0;1=1f', 'MB:0=20;1=70'], enableMonitoring: true };
    start(rdt);
    expect(tree.classes).toEqual(['c1']);
    expect(tree.read('c1/schemata')).toBe('    L3:0=7f0;1=1f\n    MB:0=20;1=70\n');
    expect(tree.read('c1/tasks')).toBe('77');
    expect(tree.read('c1/mon_groups/c1/tasks')).toBe('77');
    removeRdt(new ResctrlKernel(tree), configWith(rdt), contextWith(tree.root));
    expect(tree.classes).toEqual([]);
    // Nobody minds when it is gone.
    removeRdt(new ResctrlKernel(tree), configWith(rdt), contextWith(tree.root));
  });

  it('share a class by its closID, which stays', () => {
    const rdt = { closID: 'gold', l3CacheSchema: 'L3:0=f;1=f', enableMonitoring: true };
    start(rdt);
    const second = { ...contextWith(tree.root), containerId: 'c2' };
    const kernel = new ResctrlKernel(tree);
    for (const stage of rdtStages(configWith(rdt), second)) stage.run(kernel);
    expect(tree.classes).toEqual(['gold']);
    removeRdt(kernel, configWith(rdt), second);
    expect(tree.classes).toEqual(['gold']);
    expect(tree.read('gold/mon_groups/c1/tasks')).toBe('77');
    expect(() => tree.read('gold/mon_groups/c2/tasks')).toThrow('ENOENT');
  });

  it('take a class that has what is asked for, however it is written', () => {
    tree.fill('gold');
    start({ closID: 'gold', l3CacheSchema: 'L3:1=0x7FF;0=7ff', memBwSchema: 'MB:0=100' });
    start({ closID: '/', schemata: ['L3:0=1', 'L3:0=7ff'] });
    expect(tree.read('gold/tasks')).toBe('77');
    expect(tree.read('tasks')).toBe('77');
  });

  it.each([
    ['gold', { l3CacheSchema: 'L3:0=7ff;1=f' }, 'linux.intelRdt.l3CacheSchema', 'L3:1=f'],
    ['gold', { memBwSchema: 'MB:0=50' }, 'linux.intelRdt.memBwSchema', 'MB:0=50'],
    ['/', { schemata: ['L3:0=7ff', 'L2:0=1'] }, 'linux.intelRdt.schemata[1]', 'L2:0=1'],
  ])('refuse the class %s without %j', (closID, rdt, path, lacking) => {
    tree.fill('gold');
    expect(() => start({ closID, ...rdt })).toThrow(
      `${path}: the class exists, and its schemata are without ${lacking}`,
    );
    expect(tree.classes).toEqual(['gold']);
    expect(tree.read('gold/tasks')).toBe('');
  });

  it('refuse a class that is not there, where there are no schemata to make it with', () => {
    expect(() => start({ closID: 'gold', enableMonitoring: true })).toThrow(
      `linux.intelRdt.closID: ${tree.root}/gold is not there, and no schemata to make it with`,
    );
    expect(tree.classes).toEqual([]);
  });

  it('tell what the kernel has against a line, and leave nothing', () => {
    expect(() => start({ memBwSchema: 'MB:0=10', schemata: ['MB:0=20', 'L9:0=zz'] })).toThrow(
      `linux.intelRdt.schemata[1]: write L9:0=zz: ${tree.root}/c1/schemata: write: invalid argument: Non-hex character in the mask`,
    );
    expect(tree.classes).toEqual([]);
  });

  it('tell that there are too many classes', () => {
    for (const name of ['a', 'b', 'c']) tree.fill(name);
    expect(() => start({})).toThrow(
      `linux.intelRdt: make the class: ${tree.root}/c1: mkdirat: no space left on device: Out of CLOSIDs`,
    );
  });

  it('tell that there is no resctrl', () => {
    rmSync(join(tree.root, 'tasks'));
    expect(() => start({})).toThrow(
      `linux.intelRdt: no resctrl file system is mounted on ${tree.root}`,
    );
    expect(tree.classes).toEqual([]);
  });
});

describe('ownGroups', () => {
  const own = (rdt?: IntelRdt) => ownGroups(configWith(rdt), contextWith());

  it('are what goes with the container, innermost first', () => {
    expect(own()).toEqual([]);
    expect(own({})).toEqual(['/sys/fs/resctrl/c1']);
    expect(own({ enableMonitoring: true })).toEqual([
      '/sys/fs/resctrl/c1/mon_groups/c1',
      '/sys/fs/resctrl/c1',
    ]);
    expect(own({ closID: 'gold', memBwSchema: 'MB:0=1' })).toEqual([]);
    expect(own({ closID: 'gold', enableMonitoring: true })).toEqual([
      '/sys/fs/resctrl/gold/mon_groups/c1',
    ]);
    expect(own({ closID: '/', enableMonitoring: true })).toEqual(['/sys/fs/resctrl/mon_groups/c1']);
  });
});
