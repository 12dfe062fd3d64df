import { describe, expect, it } from 'vitest';
import { ProcessTable } from '../../src/store/processes.ts';
import { FakeHost } from './support.ts';

describe('ProcessTable', () => {
  it('tells a process from a later one of the same number', () => {
    const { store, ...host } = fake();
    host.process(41, { startTime: 1000 });
    expect(store.processes.isAlive({ pid: 41, startTime: 1000 })).toBe(true);
    expect(store.processes.isAlive({ pid: 41, startTime: 1001 })).toBe(false);
    expect(store.processes.isAlive({ pid: 42, startTime: 1000 })).toBe(false);
  });

  it.each(['Z', 'X', 'x'])('takes a process in state %s for gone', (state) => {
    const { store, ...host } = fake();
    host.process(41, { state });
    expect(store.processes.isAlive({ pid: 41, startTime: 1000 })).toBe(false);
  });

  it.each(['a b', 'x) S 1 2', '((', ') Z 0'])('reads past the command name %j', (name) => {
    const { store, ...host } = fake();
    host.process(41, { name });
    expect(store.processes.stat(41)).toEqual({ state: 'S', startTime: 1000 });
  });

  it('knows the first process of a pid namespace by its innermost number', () => {
    const { store, ...host } = fake();
    host.process(41, { nspid: '41\t1' });
    host.process(42, { nspid: '42\t2' });
    host.process(43, { nspid: '43' });
    host.process(1, { nspid: '1' });
    expect([41, 42, 43, 1, 99].map((pid) => store.processes.isNamespaceInit(pid))).toEqual([
      ...[true, false, false, false, false],
    ]);
  });

  it('reads this very process from the real /proc', () => {
    const processes = new ProcessTable();
    const stat = processes.stat(process.pid);
    expect(stat?.startTime).toBeGreaterThan(0);
    expect(processes.isAlive({ pid: process.pid, startTime: stat?.startTime ?? 0 })).toBe(true);
    expect(processes.pidNamespace(process.pid)).toMatch(/^pid:\[\d+\]$/);
    expect(processes.pids()).toContain(process.pid);
  });
});

function fake() {
  const host = new FakeHost();
  return { store: host.store, process: host.process.bind(host) };
}
