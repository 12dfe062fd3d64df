import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resources } from '@oci/spec';
import { afterEach, describe, expect, it } from 'vitest';
import { detectLayout, hierarchyOf } from '../../src/index.ts';
import { Cgroup, runcStatsEvent } from '../../src/live/index.ts';

const isRoot = process.getuid?.() === 0;
const layout = detectLayout();
const name = `cgroups-live-${process.pid}`;
const children: ChildProcess[] = [];
const MiB = 2 ** 20;
/** An emulated machine is slow. */
const patient = { timeout: 20_000 };

function create(resources: Resources = {}): Cgroup {
  return Cgroup.create(`/${name}/box`, { layout, resources });
}

/** A process that waits to be let go, so that it is in its cgroup by then. */
function start(script: string): ChildProcess & { readonly number: number } {
  const child = spawn('/bin/sh', ['-c', `read go; ${script}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  children.push(child);
  return Object.assign(child, { number: Number(child.pid) });
}

/** The content of a controller's file, whatever it is called on this host's version. */
function file(cgroup: Cgroup, controller: string, v1: string, v2: string): string {
  const hierarchy = hierarchyOf(layout, controller);
  const directory = cgroup.directories.get(hierarchy?.mountpoint ?? '') ?? '';
  return readFileSync(join(directory, hierarchy?.version === 2 ? v2 : v1), 'utf8').trim();
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe.runIf(isRoot)('Cgroup', () => {
  afterEach(async () => {
    const parent = Cgroup.at(name, { layout });
    if (parent.exists()) {
      await parent.kill();
      await parent.remove();
    }
    for (const child of children.splice(0)) child.kill('SIGKILL');
    expect(parent.exists()).toBe(false);
  });

  it('limits what is in it', () => {
    const cgroup = create({ pids: { limit: 5 }, memory: { limit: 64 * MiB } });
    expect(file(cgroup, 'pids', 'pids.max', 'pids.max')).toBe('5');
    expect(file(cgroup, 'memory', 'memory.limit_in_bytes', 'memory.max')).toBe(String(64 * MiB));
  });

  it('leaves nothing of one that the kernel refuses, nor a descriptor', () => {
    const before = descriptors();
    expect(() => create({ pids: { limit: 5 }, cpu: { quota: 5 } })).toThrow(
      /^linux\.resources\.cpu\.quota: write 5 to cpu\.\S+: write: invalid argument$/,
    );
    expect(Cgroup.at(name, { layout }).exists()).toBe(false);
    expect(descriptors()).toBe(before);
  });

  it('refuses what this host has no controller for', () => {
    const missing = ['rdma', 'net_cls'].find((controller) => !hierarchyOf(layout, controller));
    expect(missing).toBeDefined();
    const resources = { rdma: { x: { hcaObjects: 1 } }, network: { classID: 1 } };
    expect(() => create(resources)).toThrow(/needs the cgroup controller/);
    expect(() => Cgroup.create('/a/../b')).toThrow('linux.cgroupsPath: must not climb out by ..');
  });

  it('has processes, and is found by one of them', () => {
    const cgroup = create();
    const { number } = start('sleep 60');
    cgroup.add(number);
    expect(cgroup.processes()).toEqual([number]);
    const found = Cgroup.ofProcess(number, { layout });
    expect(found.processes()).toEqual([number]);
    expect(found.stats().pids?.current).toBe(1);
  });

  it('is found by a process in those hierarchies alone where that is not in the root', async () => {
    const cgroup = create();
    const child = start('sleep 60');
    const [directory = ''] = cgroup.directories.values();
    writeFileSync(join(directory, 'cgroup.procs'), String(child.number));
    const { directories } = Cgroup.ofProcess(child.number, { layout });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect([...directories.values()]).toContain(directory);
    expect([...directories].filter(([mountpoint, found]) => found === mountpoint)).toEqual([]);
  });

  it('counts what they use', async () => {
    const cgroup = create({ cpu: { quota: 10_000, period: 100_000 } });
    const child = start('x=$(head -c 3000000 /dev/zero | tr "\\0" x); while :; do :; done');
    cgroup.add(child.number);
    child.stdin?.end('\n');
    await expect.poll(() => cgroup.stats().memory?.usage, patient).toBeGreaterThan(2 * MiB);
    await expect
      .poll(() => cgroup.stats().cpu?.throttling.throttledPeriods, patient)
      .toBeGreaterThan(0);
    expect(cgroup.stats().cpu?.usage).toBeGreaterThan(1e6);
    expect(JSON.parse(runcStatsEvent('box', cgroup.stats())).data.cpu.usage.total).toBeGreaterThan(
      1e6,
    );
  });

  it('takes any change of limits that depend on each other, in one call', () => {
    const swap = file(create(), 'memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max');
    expect(swap).not.toBe('');
    const cgroup = Cgroup.at(`/${name}/box`, { layout });
    const limits = () => {
      const { memory } = cgroup.stats();
      return [memory?.limit, memory?.withSwap?.limit];
    };
    for (const [limit, both] of [
      [64, 128],
      [256, 512],
      [16, 32],
      [128, 128],
    ] as const) {
      cgroup.update({ memory: { limit: limit * MiB, swap: both * MiB } });
      expect(limits()).toEqual([limit * MiB, both * MiB]);
    }
    cgroup.update({ memory: { limit: -1 } });
    expect(limits()).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    cgroup.update({ cpu: { quota: 50_000, period: 100_000, burst: 40_000 } });
    cgroup.update({ cpu: { quota: 10_000, burst: 5_000 } });
    cgroup.update({ cpu: { quota: 80_000, burst: 70_000 } });
    expect(file(cgroup, 'cpu', 'cpu.cfs_burst_us', 'cpu.max.burst')).toBe('70000');
  });

  it('says what an update cannot change, and leaves no descriptor', () => {
    const cgroup = create();
    const before = descriptors();
    expect(() => cgroup.update({ cpu: { quota: 5 } })).toThrow(
      /^linux\.resources\.cpu\.quota: write 5( 100000)? to /,
    );
    expect(() => cgroup.update({ network: { classID: 1 } })).toThrow('network.classID');
    expect(descriptors()).toBe(before);
  });

  it('freezes processes, also those that are being born', async () => {
    const cgroup = create();
    const child = start('while :; do /bin/true & /bin/true; done');
    cgroup.add(child.number);
    child.stdin?.end('\n');
    await sleep(50);
    await cgroup.freeze();
    expect(cgroup.isFrozen()).toBe(true);
    const { usage } = { usage: 0, ...cgroup.stats().cpu };
    await sleep(50);
    expect(cgroup.stats().cpu?.usage).toBe(usage);
    await cgroup.thaw();
    await expect.poll(() => cgroup.stats().cpu?.usage, patient).toBeGreaterThan(usage);
    // Nobody escapes.
    await cgroup.kill();
    await expect.poll(() => cgroup.processes(), patient).toEqual([]);
  });

  it('kills what is frozen, too', async () => {
    const cgroup = create();
    const child = start('sleep 60');
    cgroup.add(child.number);
    await cgroup.freeze();
    await cgroup.kill();
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('sends any signal', async () => {
    const cgroup = create();
    const child = start('sleep 60');
    cgroup.add(child.number);
    await cgroup.kill(10);
    expect(await once(child, 'exit')).toEqual([null, 'SIGUSR1']);
  });

  it('stays while others use it, and says who does', async () => {
    const cgroup = create();
    const child = start('sleep 60');
    cgroup.add(child.number);
    await expect(cgroup.remove({ patience: 20 })).rejects.toThrow(
      new RegExp(`is still in use by process ${child.number}: not removed$`),
    );
    expect(cgroup.processes()).toEqual([child.number]);
    expect(() => create()).toThrow(/has processes in it$/);
  });

  it('is removed with those below it', async () => {
    const cgroup = create();
    for (const directory of cgroup.directories.values())
      if (existsSync(directory)) mkdirSync(join(directory, 'a/b'), { recursive: true });
    await cgroup.remove();
    expect(cgroup.exists()).toBe(false);
  });

  it('tells when memory runs out, and ends when it is removed', async () => {
    const cgroup = create({ memory: { limit: 8 * MiB, swap: 8 * MiB } });
    const child = start('exec tail /dev/zero');
    cgroup.add(child.number);
    const events = cgroup.oomEvents();
    const first = events.next();
    child.stdin?.write('\n');
    expect(await first).toEqual({ done: false, value: undefined });
    await once(child, 'exit');
    expect(cgroup.stats().memory?.oomKills).toBeGreaterThan(0);
    const rest = (async () => {
      for await (const _ of events);
    })();
    await cgroup.remove();
    await rest;
  });

  it('stops to tell when it is told to', async () => {
    const cgroup = create();
    const { signal, abort } = abortable();
    const done = cgroup.oomEvents({ signal }).next();
    await sleep(20);
    abort();
    expect(await done).toEqual({ done: true, value: undefined });
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
