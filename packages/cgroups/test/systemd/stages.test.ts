import { type Fd, type Pid, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import type { Config } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { checkSystemd, systemdStages, systemdUnit } from '../../src/systemd/index.ts';

const config: Config = {
  ociVersion: '1.3.0',
  linux: { cgroupsPath: 'a-b.slice:p:box', resources: { pids: { limit: 7 } } },
};
const unit = systemdUnit(config, 'id', 'system');
const container = new Provision<Pid>('container');
const state = new Provision<Fd>('state');
container.provide(42);
state.provide(9);
const common = { unit, socket: '/bus', rootless: false, state, deviceGroups: () => '' };

describe('the stages of a systemd scope', () => {
  it('on version 2 start it after the clone, and limit its cgroup then', () => {
    const unified = { version: 2, controllers: ['pids'], mountpoint: '/sys/fs/cgroup' } as const;
    const layout = { kind: 'unified', hierarchies: [], unified } as const;
    const stages = systemdStages(config, { ...common, layout }, container);
    const path = '/a.slice/a-b.slice/p-box.scope';
    expect(stages).toMatchObject({ path, make: [], join: [], layout: { unified } });
    expect(stages.directory).toBeUndefined();
    const [start, ...others] = stages.close;
    expect(others).toEqual([]);
    expect(start).toMatchObject({
      lane: 'host',
      needs: [container, state],
      provides: stages.joined,
    });
    const k = new FakeKernel();
    k.fail('connect', 'ENOENT');
    expect(() => start?.run(k)).toThrow(
      'linux.cgroupsPath: start p-box.scope by systemd: connect to the bus at /bus: connect: no such file or directory',
    );
    // Kept before systemd is asked: a start that is killed leaves nothing that cannot be found.
    expect(k.lines[0]).toBe(`symlinkat("${path}", 9, "cgroup")`);
    expect(k.open).toEqual([]);
  });

  it('on version 1 make what systemd does not manage once it is started, and move the container there', () => {
    const hierarchies = [
      { version: 1, controllers: ['pids'], mountpoint: '/sys/fs/cgroup/pids' },
      { version: 1, controllers: [], name: 'systemd', mountpoint: '/sys/fs/cgroup/systemd' },
    ] as const;
    const layout = { kind: 'legacy', hierarchies } as const;
    const stages = systemdStages(config, { ...common, layout }, container);
    const path = '/a.slice/a-b.slice/p-box.scope';
    expect(stages).toMatchObject({ path, make: [], join: [], layout: { hierarchies } });
    const [start, ...others] = stages.close;
    expect(others).toEqual([]);
    expect(start).toMatchObject({ name: 'cgroups.systemd', provides: stages.joined });
    const k = new FakeKernel();
    k.fail('connect', 'ENOENT');
    expect(() => start?.run(k)).toThrow('start p-box.scope by systemd');
    // Nothing is made before the scope is there: systemd would remove it.
    expect(k.lines.filter((line) => line.startsWith('mkdirat'))).toEqual([]);
    expect(k.lines[0]).toBe(`symlinkat("${path}", 9, "cgroup")`);
  });
});

it('everything that is wrong is told at once', () => {
  const wrong = {
    linux: { cgroupsPath: '/docker/box' },
    annotations: { 'org.systemd.property.CollectMode': 'word' },
  };
  expect(checkSystemd(wrong, 'id', 'user', {}).map(({ path }) => path)).toEqual([
    'linux.cgroupsPath',
    'linux.cgroupsPath',
    'annotations["org.systemd.property.CollectMode"]',
  ]);
  expect(checkSystemd(config, 'id', 'system', {})).toEqual([]);
});
