import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ContainerRdt } from '../../src/store/intel-rdt.ts';
import { temporaryDirectory } from './support.ts';

/** A container that notes this of resctrl, and a tree of directories that stands for that. */
function rdt(note: string | object) {
  const directory = temporaryDirectory();
  const root = temporaryDirectory();
  for (const group of ['', 'box', 'gold']) {
    mkdirSync(join(root, group, 'mon_groups', 'box'), { recursive: true });
    writeFileSync(join(root, group, 'schemata'), '    L3:0=7ff\n');
    mkdirSync(join(root, group, 'mon_data', 'mon_L3_00'), { recursive: true });
    writeFileSync(join(root, group, 'mon_data', 'mon_L3_00', 'llc_occupancy'), '4096\n');
  }
  const text = typeof note === 'string' ? note : JSON.stringify(note);
  symlinkSync(text, join(directory, 'intelRdt'));
  return { root, rdt: ContainerRdt.of('box', directory, root) };
}

/** resctrl's directories go at once; these have files in them. */
function empty(group: string): void {
  for (const name of readdirSync(group)) rmSync(join(group, name), { recursive: true });
}

describe('ContainerRdt', () => {
  it('is none for a container whose config has no intelRdt', () => {
    expect(ContainerRdt.of('box', temporaryDirectory(), '/no/such')).toBeUndefined();
    expect(ContainerRdt.of('box', '/no/such', '/no/such')).toBeUndefined();
  });

  it.each(['{', '[]', '{"closID":1}'])('says that %s is damaged', (note) => {
    expect(() => rdt(note)).toThrow(/^damaged intelRdt in \//);
  });

  it('removes the class that is named after the container, and no other', () => {
    const own = rdt({});
    empty(join(own.root, 'box'));
    own.rdt?.remove();
    expect(existsSync(join(own.root, 'box'))).toBe(false);
    // It is gone by now, which is no error.
    own.rdt?.remove();
    const named = rdt({ closID: 'gold' });
    empty(join(named.root, 'gold'));
    named.rdt?.remove();
    expect(existsSync(join(named.root, 'gold'))).toBe(true);
    expect(existsSync(join(named.root, 'box'))).toBe(true);
  });

  it.each([
    [{ closID: 'gold', enableMonitoring: true }, 'gold/mon_groups/box'],
    [{ closID: '/', enableMonitoring: true }, 'mon_groups/box'],
  ])('%j: removes its own group of counters', (note, group) => {
    const { root, rdt: found } = rdt(note);
    found?.remove();
    expect(existsSync(join(root, group))).toBe(false);
    expect(existsSync(join(root, 'gold'))).toBe(true);
  });

  it.each([
    [{}, 'box'],
    [{ closID: 'gold' }, 'gold'],
    [{ closID: '/' }, ''],
  ])('%j: changes schemata of its class', (note, group) => {
    const { root, rdt: found } = rdt(note);
    found?.update(['L3:0=f']);
    const changed = ['', 'box', 'gold'].filter(
      (name) => readFileSync(join(root, name, 'schemata'), 'utf8') === 'L3:0=f\n',
    );
    expect(changed).toEqual([group]);
  });

  it('reads counters of its class, or of its own where they were asked for', () => {
    const used = (bytes: number) => ({
      l3_cache_schema: 'L3:0=7ff',
      cmt_stats: [{ llc_occupancy: bytes }],
    });
    expect(rdt({ closID: 'gold' }).rdt?.statistics()).toMatchObject(used(4096));
    const { root, rdt: monitored } = rdt({ closID: 'gold', enableMonitoring: true });
    const counters = join(root, 'gold/mon_groups/box/mon_data/mon_L3_00');
    mkdirSync(counters, { recursive: true });
    writeFileSync(join(counters, 'llc_occupancy'), '1024\n');
    expect(monitored?.statistics()).toMatchObject(used(1024));
  });
});
