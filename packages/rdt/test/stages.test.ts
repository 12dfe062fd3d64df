import type { Kernel } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { IntelRdt } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { rdtStages, removeRdt } from '../src/index.ts';
import { configWith, contextWith } from './config.ts';

function run(rdt: IntelRdt, kernel = new FakeKernel()): readonly string[] {
  kernel.transaction(() => {
    for (const stage of rdtStages(configWith(rdt), contextWith())) stage.run(kernel);
  });
  expect(kernel.open).toEqual([]);
  return kernel.lines;
}

const mounted = 'faccessat2(AT_FDCWD, "/sys/fs/resctrl/tasks", 0, 0)';
const write = (file: string, text: string, fd: number) => [
  `openat(AT_FDCWD, "/sys/fs/resctrl/${file}", O_WRONLY|O_CLOEXEC, 0)`,
  `write(${fd}, ${JSON.stringify(text)}, ${text.length})`,
  `close(${fd})`,
];

describe('rdtStages', () => {
  it('does nothing at all without intelRdt', () => {
    const context = contextWith();
    expect(rdtStages(configWith(), context)).toEqual([]);
    const kernel: Kernel = new FakeKernel();
    removeRdt(kernel, configWith(), context);
    expect((kernel as FakeKernel).lines).toEqual([]);
  });

  it('makes a class by the container’s id, and writes its lines in the order of the specification', () => {
    const rdt = { memBwSchema: 'MB:0=20', l3CacheSchema: 'L3:0=f', schemata: ['L2:0=1', 'L3:1=f'] };
    expect(run(rdt)).toEqual([
      mounted,
      'mkdirat(AT_FDCWD, "/sys/fs/resctrl/c1", 0755)',
      ...write('c1/schemata', 'L3:0=f\n', 3),
      ...write('c1/schemata', 'MB:0=20\n', 4),
      ...write('c1/schemata', 'L2:0=1\n', 5),
      ...write('c1/schemata', 'L3:1=f\n', 6),
      ...write('c1/tasks', '77', 7),
    ]);
  });

  it('writes no schemata where the config has none', () => {
    const lines = [
      mounted,
      'mkdirat(AT_FDCWD, "/sys/fs/resctrl/c1", 0755)',
      ...write('c1/tasks', '77', 3),
    ];
    expect(run({})).toEqual(lines);
    expect(run({ closID: '', l3CacheSchema: '', memBwSchema: '', schemata: [] })).toEqual(lines);
  });

  it('makes a class with a name that is free', () => {
    expect(run({ closID: 'gold', memBwSchema: 'MB:0=20' })).toEqual([
      mounted,
      'mkdirat(AT_FDCWD, "/sys/fs/resctrl/gold", 0755)',
      ...write('gold/schemata', 'MB:0=20\n', 3),
      ...write('gold/tasks', '77', 4),
    ]);
  });

  it('joins a class that is there, without a look at its schemata where none are asked for', () => {
    expect(run({ closID: 'gold' })).toEqual([
      mounted,
      'faccessat2(AT_FDCWD, "/sys/fs/resctrl/gold", 0, 0)',
      ...write('gold/tasks', '77', 3),
    ]);
  });

  it('joins the default class, which is never made', () => {
    expect(run({ closID: '/' })).toEqual([mounted, ...write('tasks', '77', 3)]);
  });

  it('reads the schemata of a class that is there, and never writes them', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST');
    kernel.returns('read', ({ args: [, memory] }) => {
      const text = Buffer.from('    MB:0=  20\n    L3:0=00f\n');
      if (memory instanceof FakeMemory) text.copy(memory.bytes);
      return text.length;
    });
    expect(run({ closID: 'gold', l3CacheSchema: 'L3:0=f' }, kernel)).toEqual([
      mounted,
      'mkdirat(AT_FDCWD, "/sys/fs/resctrl/gold", 0755)',
      'openat(AT_FDCWD, "/sys/fs/resctrl/gold/schemata", O_CLOEXEC, 0)',
      'read(3, schemata, 16384)',
      'close(3)',
      ...write('gold/tasks', '77', 4),
    ]);
  });

  it('makes a monitoring group in the class', () => {
    expect(run({ closID: 'gold', enableMonitoring: true }).slice(2)).toEqual([
      ...write('gold/tasks', '77', 3),
      'mkdirat(AT_FDCWD, "/sys/fs/resctrl/gold/mon_groups/c1", 0755)',
      ...write('gold/mon_groups/c1/tasks', '77', 4),
    ]);
    expect(run({ closID: '/', enableMonitoring: true })).toContain(
      'mkdirat(AT_FDCWD, "/sys/fs/resctrl/mon_groups/c1", 0755)',
    );
  });

  it('waits for the container, and lets its program wait', () => {
    const context = contextWith();
    const [group, tasks] = rdtStages(configWith({}), context);
    expect(group).toMatchObject({ lane: 'host', category: 'Platform' });
    expect(tasks).toMatchObject({
      lane: 'host',
      needs: [context.container],
      provides: [context.joined],
    });
    const kernel = new FakeKernel();
    group?.run(kernel);
    tasks?.run(kernel);
    expect(() => context.joined.value).not.toThrow();
  });
});

describe('a start that fails', () => {
  /** What is unmade when the very last write fails. */
  function unmade(rdt: IntelRdt, ...existing: string[]): readonly string[] {
    const kernel = new FakeKernel();
    kernel.returns('read', 0);
    for (const path of existing) kernel.fail('mkdirat', 'EEXIST', { when: new RegExp(`${path}"`) });
    kernel.fail('write', 'ESRCH', { when: /"77"/ });
    expect(() => run(rdt, kernel)).toThrow('tasks: write: no such process');
    return kernel.lines.filter((line) => line.startsWith('unlinkat'));
  }

  it('removes what it made', () => {
    const removed = (path: string) => `unlinkat(AT_FDCWD, "/sys/fs/resctrl/${path}", AT_REMOVEDIR)`;
    expect(unmade({})).toEqual([removed('c1')]);
    expect(unmade({ closID: 'gold', memBwSchema: 'MB:0=1' })).toEqual([removed('gold')]);
    const kernel = new FakeKernel();
    kernel.fail('write', 'ESRCH', { when: ({ args: [fd] }) => fd === 4 });
    expect(() => run({ enableMonitoring: true }, kernel)).toThrow('enableMonitoring');
    expect(kernel.lines.slice(-2)).toEqual([removed('c1/mon_groups/c1'), removed('c1')]);
  });

  it('removes nothing else', () => {
    expect(unmade({ closID: 'gold' })).toEqual([]);
    expect(unmade({ closID: '/' })).toEqual([]);
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST');
    kernel.returns('read', 0);
    expect(() => run({ closID: 'gold', memBwSchema: 'MB:0=1' }, kernel)).toThrow('without MB:0=1');
    expect(kernel.lines.filter((line) => line.startsWith('unlinkat'))).toEqual([]);
  });

  it('does not take a class of the container’s name that is somebody else’s', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST');
    expect(() => run({ memBwSchema: 'MB:0=1' }, kernel)).toThrow(
      'linux.intelRdt: make the class: mkdirat: file exists',
    );
    expect(kernel.lines.filter((line) => line.startsWith('unlinkat'))).toEqual([]);
  });
});
