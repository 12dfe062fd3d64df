import { type Fd, type Pid, Provision } from '@oci/kernel';
import { defaultConfig } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { intelRdt } from '../../src/stages/intel-rdt.ts';
import { filledLines, parameters, startedKernel } from './support.ts';

const STATE = 4;

function rdt(given: object | undefined) {
  const state = new Provision<Fd>('state directory');
  state.provide(STATE);
  const container = new Provision<Pid>('container process');
  const joined = new Provision('class of service joined');
  const config = defaultConfig();
  const asked = given ? { ...config, linux: { ...config.linux, intelRdt: given } } : config;
  return { state, ...intelRdt(asked, parameters.id, state, container, joined) };
}

describe('a config without intelRdt', () => {
  it('has no stage, and nothing to remove', () => {
    const k = startedKernel();
    const { stages, remove } = rdt(undefined);
    remove(k);
    expect([stages, k.lines]).toEqual([[], []]);
  });
});

describe('a config with intelRdt', () => {
  it('notes what delete has to know before anything is made', () => {
    const k = startedKernel();
    const { stages, state } = rdt({ closID: 'gold', enableMonitoring: true, schemata: ['L3:0=f'] });
    const [note, ...others] = stages;
    expect(note).toMatchObject({ name: 'rdt.note', lane: 'host', needs: [state] });
    expect(others.map(({ name }) => name)).toEqual(['rdt.group', 'rdt.tasks']);
    note?.run(k);
    const [line = ''] = filledLines(k);
    expect(line).toMatch(/^symlinkat\(.*, 4, "intelRdt"\)$/);
    expect(line).toContain('closID');
    expect(line).toContain('enableMonitoring');
    expect(line).not.toContain('schemata');
  });

  it('takes the note back when the start fails', () => {
    const k = startedKernel();
    expect(() =>
      k.transaction(() => {
        rdt({}).stages[0]?.run(k);
        k.fail('later');
      }),
    ).toThrow('later');
    expect(filledLines(k).slice(1)).toEqual(['unlinkat(4, "intelRdt", 0)']);
  });

  it('removes the class that is named after the container', () => {
    const k = startedKernel();
    rdt({}).remove(k);
    expect(filledLines(k).join()).toContain('"/sys/fs/resctrl/c1", AT_REMOVEDIR');
  });
});
