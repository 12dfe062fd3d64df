import { Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { processStages, type Terminal, terminalStages } from '../src/index.ts';
import { bare, configWith, contextWith } from './config.ts';

function terminal(): Provision<Terminal> {
  const provision = new Provision<Terminal>('console');
  provision.provide({ slave: 7 });
  return provision;
}

describe('terminalStages', () => {
  it('makes it the controlling terminal, and all standard streams', () => {
    const k = new FakeKernel();
    const console = terminal();
    const stages = terminalStages(configWith({ ...bare, terminal: true }), console);
    for (const stage of stages) stage.run(k);
    expect(k.lines).toEqual([
      'ioctl(7, TIOCSCTTY, 0)',
      'dup3(7, 0, 0)',
      'dup3(7, 1, 0)',
      'dup3(7, 2, 0)',
      'close(7)',
    ]);
    expect(stages.map(({ needs }) => needs)).toEqual([[console]]);
  });

  it('does nothing without one', () => {
    expect(terminalStages(configWith({ ...bare, terminal: false }), terminal())).toEqual([]);
    expect(terminalStages(configWith(bare), undefined)).toEqual([]);
  });

  it('comes before the owner of stdio, which it then has', () => {
    const config = configWith({ ...bare, terminal: true, user: { uid: 5, gid: 5 } });
    const { container } = processStages(config, contextWith({ terminal: terminal() }));
    const names = container.map(({ name }) => name);
    expect(names.indexOf('process.user.stdio')).toBe(names.indexOf('process.terminal') + 1);
  });
});
