import type { Layout } from '@oci/cgroups';
import { type Fd, type Pid, Provision } from '@oci/kernel';
import { SpecError } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import {
  cgroupDriverStages,
  cgroupWarnings,
  checkCgroupDriver,
  type DriverOptions,
  unitOf,
} from '../src/cgroup-driver.ts';
import { launchParameters } from '../src/parameters.ts';
import { host } from './config.ts';

const unified: Layout = {
  kind: 'unified',
  hierarchies: [],
  unified: { version: 2, controllers: ['memory', 'pids'], mountpoint: '/sys/fs/cgroup' },
};
const systemd = {
  instance: 'system',
  socket: '/run/dbus/system_bus_socket',
  manager: '',
  devices: '',
} as const;
const machine = host({ cgroupLayout: unified, systemd });

function config(cgroupsPath?: string, resources = {}) {
  return {
    ociVersion: '1.3.0',
    linux: { resources, ...(cgroupsPath !== undefined && { cgroupsPath }) },
  };
}

const fs: DriverOptions = { cgroupManager: 'cgroupfs' };
const bySystemd: DriverOptions = { cgroupManager: 'systemd', id: 'box' };
const none: DriverOptions = { cgroupManager: 'disabled' };

function stages(cgroupsPath: string | undefined, options: DriverOptions) {
  const state = new Provision<Fd>('state directory');
  const container = new Provision<Pid>('container process');
  const { id } = launchParameters('/run/ocirun');
  const context = [machine, { id }, state, container, options] as const;
  const { make, close, join } = cgroupDriverStages(config(cgroupsPath), ...context);
  return [make, close, join].map((lane) => lane.map(({ name }) => name));
}

describe('the driver that was chosen', () => {
  it('checks linux.cgroupsPath as its own', () => {
    const paths = (path: string, options: DriverOptions) =>
      checkCgroupDriver(config(path), machine, options).map((issue) => issue.path);
    expect(paths('/a/b', fs)).toEqual([]);
    expect(paths('/a/b', bySystemd)).toEqual(['linux.cgroupsPath']);
    expect(paths('a.slice:b:c', bySystemd)).toEqual([]);
    expect(paths('../a', fs)).toEqual(['linux.cgroupsPath']);
    expect(paths('../a', none)).toEqual([]);
  });

  it('checks limits, unless none are set', () => {
    const paths = (options: DriverOptions) =>
      checkCgroupDriver(config(undefined, { network: { classID: 1 } }), machine, options);
    expect(paths(fs).map(({ path }) => path)).toEqual(paths(bySystemd).map(({ path }) => path));
    expect(paths(fs)[0]?.path).toMatch(/^linux\.resources\.network/);
    expect(paths(none)).toEqual([]);
  });

  it('warns of limits that are not set, by what the config calls them', () => {
    const resources = { pids: { limit: 5 }, devices: [{ allow: false }] };
    const warnings = (options: DriverOptions) =>
      cgroupWarnings(config('/a', resources), machine, options);
    expect(warnings(none)).toEqual([
      { path: 'linux.resources.pids.limit', message: 'is not so: the container has no cgroup' },
    ]);
    expect([warnings(fs), warnings(bySystemd)]).toEqual([[], []]);
  });

  it('makes the cgroup its own way', () => {
    expect(stages('/a', fs)).toEqual([['cgroups.make'], ['cgroups.close'], ['cgroups.join']]);
    expect(stages('a.slice:b:c', bySystemd)).toEqual([[], ['cgroups.systemd'], []]);
    expect(stages('/a', none)).toEqual([[], [], []]);
  });
});

describe('the unit of a container', () => {
  it('is kept only where systemd has one', () => {
    const unit = (path: string | undefined, options: DriverOptions) =>
      unitOf(config(path), machine, options);
    expect(unit(undefined, bySystemd)).toEqual({
      name: 'ocirun-box.scope',
      socket: '/run/dbus/system_bus_socket',
    });
    expect(unit('a.slice:b:c', bySystemd)?.name).toBe('b-c.scope');
    expect([unit('/a', fs), unit('/a', none)]).toEqual([undefined, undefined]);
  });

  it('needs an id only where the config does not name it', () => {
    const options: DriverOptions = { cgroupManager: 'systemd' };
    expect(unitOf(config('a.slice:b:c'), machine, options)?.name).toBe('b-c.scope');
    expect(checkCgroupDriver(config('a.slice:b:c'), machine, options)).toEqual([]);
    expect(() => checkCgroupDriver(config(), machine, options)).toThrow(SpecError);
    expect(() => unitOf(config(), machine, options)).toThrow('which is not known yet');
  });
});
