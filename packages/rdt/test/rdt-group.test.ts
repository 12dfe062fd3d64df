import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RdtGroup } from '../src/index.ts';
import { ResctrlKernel, ResctrlTree } from './imitation.ts';

let tree = new ResctrlTree();
tree.remove();
beforeEach(() => {
  tree = new ResctrlTree();
});
afterEach(() => tree.remove());

function group(name?: string, monitor?: string): RdtGroup {
  const { root } = tree;
  const options = {
    root,
    ...(name !== undefined && { name }),
    ...(monitor !== undefined && { monitor }),
  };
  return new RdtGroup(new ResctrlKernel(tree), options);
}

describe('RdtGroup', () => {
  it('makes, joins and removes a class and a monitoring group', () => {
    const gold = group('gold', 'job');
    gold.create(['L3:0=f;1=f', 'MB:0=50;1=50']);
    gold.join(123);
    expect(tree.read('gold/schemata')).toBe('    L3:0=f;1=f\n    MB:0=50;1=50\n');
    expect(tree.read('gold/tasks')).toBe('123');
    expect(tree.read('gold/mon_groups/job/tasks')).toBe('123');
    gold.remove();
    expect(tree.classes).toEqual([]);
  });

  it('removes nothing that was there', () => {
    tree.fill('gold');
    const job = group('gold', 'job');
    job.create(['L3:0=1']);
    expect(tree.read('gold/schemata')).not.toContain('L3:0=1\n');
    job.remove();
    job.remove();
    expect(tree.classes).toEqual(['gold']);
    expect(() => tree.read('gold/mon_groups/job/tasks')).toThrow('ENOENT');
    const all = group();
    all.create();
    all.remove();
    expect(tree.read('tasks')).toBe('');
  });

  it('makes all or nothing', () => {
    const bad = group('gold', 'job');
    expect(() => bad.create(['L3:0=f', 'L9:0=1'])).toThrow(
      `schemata[1]: write L9:0=1: ${tree.root}/gold/schemata: write: invalid argument: Unknown resource name L9`,
    );
    expect(tree.classes).toEqual([]);
    bad.remove();
  });

  it('says where there is no resctrl, or the group is gone', () => {
    rmSync(join(tree.root, 'tasks'));
    expect(() => group('gold').create()).toThrow('no resctrl file system is mounted on');
    expect(() => group('gold').join(1)).toThrow('no such file or directory');
    expect(() => group('gold').statistics()).toThrow('ENOENT');
  });

  it.each(['..', '.', '', 'a/b', 'a\nb'])('refuses the name %j', (name) => {
    expect(() => group(name)).toThrow('is no name of a group');
    expect(() => group('x', name)).toThrow('is no name of a group');
  });
});

describe('statistics', () => {
  const use = {
    mbm_stats: [
      { mbm_total_bytes: 300, mbm_local_bytes: 200 },
      { mbm_total_bytes: 300, mbm_local_bytes: 200 },
    ],
    cmt_stats: [{ llc_occupancy: 1024 }, { llc_occupancy: 1024 }],
  };

  it('are what runc prints as intel_rdt', () => {
    const gold = group('gold');
    gold.create(['L3:0=f;1=f']);
    expect(gold.statistics()).toEqual({
      l3_cache_info: { cbm_mask: '7ff', min_cbm_bits: 1, num_closids: 4 },
      l3_cache_schema_root: 'L3:0=7ff;1=7ff',
      l3_cache_schema: 'L3:0=f;1=f',
      mem_bw_info: { bandwidth_gran: 10, delay_linear: 1, min_bandwidth: 10, num_closids: 4 },
      mem_bw_schema_root: 'MB:0= 100;1= 100',
      mem_bw_schema: 'MB:0= 100;1= 100',
      ...use,
    });
  });

  it('are those of the monitoring group, where there is one', () => {
    const job = group(undefined, 'job');
    job.create();
    const domain = join(tree.root, 'mon_groups/job/mon_data/mon_L3_01');
    writeFileSync(join(domain, 'llc_occupancy'), '7\n');
    expect(job.statistics().cmt_stats).toEqual([{ llc_occupancy: 1024 }, { llc_occupancy: 7 }]);
    expect(group().statistics()).toMatchObject(use);
  });

  it('are in the order of the domains, those that are not known for now left out', () => {
    tree.fill('gold');
    const data = join(tree.root, 'gold/mon_data');
    writeFileSync(join(data, 'mon_L3_00/llc_occupancy'), 'Unavailable\n');
    writeFileSync(join(data, 'mon_L3_01/llc_occupancy'), 'Error\n');
    expect(group('gold').statistics().cmt_stats).toEqual([{}, {}]);
  });

  it('leave out what the hardware does not have', () => {
    for (const path of ['info/MB', 'info/L3', 'mon_data'])
      rmSync(join(tree.root, path), { recursive: true });
    writeFileSync(join(tree.root, 'schemata'), 'L2:0=ff\n');
    expect(group().statistics()).toEqual({});
  });
});
