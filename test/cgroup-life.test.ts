import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { detectLayout } from '@oci/cgroups';
import { Cgroup } from '@oci/cgroups/live';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, ocirun } from './support/ocirun.ts';
import { expectDone, isAlive, stateOf, whileRunning } from './support/running.ts';
import { interruptAt, traceCalls } from './support/trace.ts';

const container = useBundle();
const layout = detectLayout();
const cgroupOf = (id: string) => Cgroup.at(id, { layout });
const statusOf = async (id: string) => (await stateOf(id)).status;

function sharePids(): void {
  container.bundle.with(({ linux }) => {
    linux.namespaces = linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
  });
}

describe('a cgroup that others still use', () => {
  /** Puts a process into the container's cgroup that is none of the container's. */
  async function intrude(id: string): Promise<{ pid: number; leave: () => Promise<unknown> }> {
    const stranger = spawn('sleep', ['60']);
    const pid = stranger.pid ?? 0;
    const exited = once(stranger, 'exit');
    cgroupOf(id).add(pid);
    const leave = () => {
      stranger.kill();
      return exited;
    };
    return { pid, leave };
  }

  async function expectLeftAlone(id: string, pid: number): Promise<void> {
    expect(await statusOf(id)).toBe('stopped');
    const { status, stderr } = await ocirun(['delete', '--force', id]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^ocirun: cgroup \\S+/${id} is still in use by process ${pid}: not removed\\n$`),
    );
    expect(isAlive(pid)).toBe(true);
    expect(cgroupOf(id).processes()).toEqual([pid]);
  }

  it('is left by run and by delete, which say so, until they have gone', async () => {
    const id = newId();
    container.bundle.script('exec sleep 60');
    const ran = ocirun(['run', '-b', container.bundle.path, id]);
    await expect.poll(() => statusOf(id), { timeout: 10_000 }).toBe('running');
    const { pid, leave } = await intrude(id);
    await expectDone(['kill', id, 'KILL']);
    expect(await ran).toMatchObject({
      status: 1,
      stderr: 'ocirun: the container has ended, but its cgroup is still in use: not removed\n',
    });
    await expectLeftAlone(id, pid);
    await leave();
    await expectDone(['delete', id]);
    expect(cgroupOf(id).exists()).toBe(false);
  });

  it('is left by delete --force, which ends the container', async () => {
    const id = newId();
    container.bundle.script('exec sleep 60');
    await expectDone(['run', '-d', '-b', container.bundle.path, id]);
    const { pid, leave } = await intrude(id);
    const { status } = await ocirun(['delete', '--force', id]);
    expect(status).toBe(1);
    await expectLeftAlone(id, pid);
    await leave();
    await expectDone(['delete', id]);
  });
});

describe('a container without a pid namespace of its own', () => {
  it('that has ended has what it left behind killed by delete', async () => {
    sharePids();
    const id = newId();
    container.bundle.script('sleep 1000 & exit 0');
    await expectDone(['run', '-d', '-b', container.bundle.path, id]);
    await expect.poll(() => statusOf(id)).toBe('stopped');
    const [pid = 0, ...others] = cgroupOf(id).processes();
    expect([isAlive(pid), others]).toEqual([true, []]);
    await expectDone(['delete', id]);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it.each([
    ['runs', 'sleep 61 & exec sleep 60', 2],
    ['has ended', 'sleep 61 & exit 0', 1],
  ])('that %s has all of its processes signalled by kill --all', async (_, script, count) => {
    sharePids();
    const id = newId();
    container.bundle.script(script);
    await expectDone(['run', '-d', '-b', container.bundle.path, id]);
    await expect.poll(() => cgroupOf(id).processes().length).toBe(count);
    const pids = cgroupOf(id).processes();
    await expectDone(['kill', '--all', id, 'TERM']);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
    await expectDone(['delete', id]);
  });
});

describe('run --keep', () => {
  it('leaves the cgroup with the state, for delete', async () => {
    const id = newId();
    container.bundle.script('exit 3');
    const ran = await ocirun(['run', '--keep', '-b', container.bundle.path, id]);
    expect(ran).toMatchObject({ status: 3, stderr: '' });
    expect([await statusOf(id), cgroupOf(id).processes()]).toEqual(['stopped', []]);
    await expectDone(['delete', id]);
    expect(cgroupOf(id).exists()).toBe(false);
  });
});

describe('a launcher that is killed before it has seen that its cgroup is taken', () => {
  it("leaves what delete --force removes, but for the other's cgroup", async () => {
    const { bundle } = container;
    const states = join(bundle.path, 'states');
    const launcher = join(bundle.path, 'launcher');
    // All starts then make the same calls.
    mkdirSync(states);
    await whileRunning(bundle, async (owner, pid) => {
      bundle.with(({ linux }) => {
        linux.cgroupsPath = `/${owner}`;
      });
      await ocirun(['compile', bundle.path, '-o', launcher]);
      const start = (id: string) => [launcher, '--root', states, id];
      const [host = []] = await traceCalls(join(bundle.path, 'trace'), start(newId()));
      // Nothing after the note of the cgroup's path is done.
      const next = host[host.findIndex(({ name }) => name === 'symlinkat') + 1];
      if (!next) throw new Error('the launcher notes no path');
      const id = newId();
      await interruptAt(next, 'KILL', start(id));
      expect(readdirSync(join(states, id))).toEqual(['cgroup']);
      const { status, stderr } = await ocirun(['--root', states, 'delete', '--force', id]);
      expect(status).toBe(1);
      expect(stderr).toContain(`is still in use by process ${pid}: not removed`);
      expect(isAlive(pid)).toBe(true);
      expect(cgroupOf(owner).processes()).toEqual([pid]);
    });
    const [id = ''] = readdirSync(states);
    expect(await ocirun(['--root', states, 'delete', '--force', id])).toMatchObject({ status: 0 });
    expect(readdirSync(states)).toEqual([]);
  });
});
