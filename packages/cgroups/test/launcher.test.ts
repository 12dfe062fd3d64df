import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Kernel } from '@oci/kernel';
import type { Config, Linux } from '@oci/spec';
import { afterEach, describe, expect, it } from 'vitest';
import { detectLayout, hierarchyOf, parseProcCgroup } from '../src/index.ts';
import { Cgroup } from '../src/live/index.ts';
import { launch, printMembership } from './support/launcher.ts';

const isRoot = process.getuid?.() === 0;
const layout = detectLayout();
const id = `cgroups-launcher-${process.pid}`;
const own: Linux = { namespaces: [{ type: 'pid' }] };

const configWith = (linux: Linux): Config => ({ ociVersion: '1.3.0', linux });

/** Where in its hierarchies a process said that it was. */
function paths(stdout: string): Set<string> {
  const [membership = ''] = stdout.split('in use');
  const hierarchies = parseProcCgroup(membership).filter(
    ({ version, name }) => version === 1 || name !== undefined || layout.kind === 'unified',
  );
  return new Set(hierarchies.map(({ path }) => path));
}

describe.runIf(isRoot)('a launcher', () => {
  afterEach(() => {
    expect(Cgroup.at(id, { layout }).exists()).toBe(false);
    expect(Cgroup.at(`${id}-parent`, { layout }).exists()).toBe(false);
  });

  it('puts its container in a cgroup by its id, in all hierarchies, and removes it', () => {
    const { status, stdout, stderr } = launch(configWith(own), id);
    expect([status, stderr]).toEqual([0, '']);
    expect(paths(stdout)).toEqual(new Set([`/${id}`]));
    expect(stdout).toMatch(/in use: 0$/);
  });

  it('limits it before it runs', () => {
    const resources = { pids: { limit: 3 }, memory: { limit: 2 ** 26 }, cpu: { cpus: '0' } };
    const pids = hierarchyOf(layout, 'pids')?.mountpoint;
    const { stdout, stderr } = launch(configWith({ ...own, resources }), id, {
      container: (k) => printFile(k, `${pids}/${id}/pids.max`),
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('3\nin use: 0');
  });

  it('makes the cgroups above it, which stay', async () => {
    const cgroupsPath = `/${id}-parent/a/box`;
    const { stdout } = launch(configWith({ ...own, cgroupsPath }), id);
    expect(paths(stdout)).toEqual(new Set([cgroupsPath]));
    expect(Cgroup.at(cgroupsPath, { layout }).exists()).toBe(false);
    const parent = Cgroup.at(`${id}-parent`, { layout });
    expect(Cgroup.at(`${id}-parent/a`, { layout }).exists()).toBe(true);
    await parent.remove();
  });

  it('leaves nothing when the kernel refuses a limit', () => {
    const resources = { pids: { limit: 3 }, cpu: { quota: 5 } };
    const cgroupsPath = `/${id}-parent/a/box`;
    const { status, stdout, stderr } = launch(configWith({ ...own, resources, cgroupsPath }), id);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^test: linux\.resources\.cpu\.quota: write 5 to cpu\.\S+: write: inv/);
  });

  it('refuses a cgroup with processes in it, and leaves it as it is', async () => {
    const sleeper = spawn('sleep', ['60']);
    const cgroup = Cgroup.create(id, { layout });
    try {
      cgroup.add(Number(sleeper.pid));
      const { status, stderr } = launch(configWith(own), id);
      expect(status).toBe(1);
      expect(stderr).toMatch(/cgroup \S+ has processes in it\n$/);
      expect(cgroup.processes()).toEqual([sleeper.pid]);
    } finally {
      sleeper.kill('SIGKILL');
      await once(sleeper, 'exit');
      await cgroup.remove();
    }
  });

  const devices = hierarchyOf(layout, 'devices')?.mountpoint ?? '';

  it.runIf(existsSync(devices))('removes the cgroups that a container made in its own', () => {
    const { stdout } = launch(configWith(own), id, {
      container: (k) => {
        for (const below of ['a', 'a/b', 'a/b/c', 'd'])
          k.mkdirat(k.cwd, `${devices}/${id}/${below}`, 0o755);
      },
    });
    expect(stdout).toBe('in use: 0');
  });

  it('kills what is left where there is no pid namespace', () => {
    const { stdout } = launch(configWith({}), id, { container: leaveOrphan });
    expect(stdout).toMatch(/in use: 0$/);
  });

  it('leaves a cgroup that others use, and says so', async () => {
    const { stdout } = launch(configWith(own), id, { container: leaveOrphan });
    expect(stdout).not.toMatch(/in use: 0$/);
    const cgroup = Cgroup.at(id, { layout });
    expect(cgroup.processes()).toHaveLength(1);
    await cgroup.kill();
    await cgroup.remove();
  });
});

/** Starts a program that outlives its parent. */
function leaveOrphan(k: Kernel): void {
  printMembership(k);
  const script = 'sleep 60 >/dev/null 2>&1 &';
  k.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin']);
}

function printFile(k: Kernel, path: string): void {
  const fd = k.openat(k.cwd, path, 0);
  const memory = k.memory('file', 4096);
  k.write(1, memory, k.read(fd, memory));
}
