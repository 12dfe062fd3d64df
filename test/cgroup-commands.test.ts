import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { detectLayout } from '@oci/cgroups';
import { Cgroup } from '@oci/cgroups/live';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { expectDone, isAlive, stateOf, whileRunning } from './support/running.ts';

const container = useBundle();
const layout = detectLayout();
const MiB = 2 ** 20;

const cgroupOf = (id: string) => Cgroup.at(id, { layout });

async function statusOf(id: string): Promise<unknown> {
  return (await stateOf(id)).status;
}

/** A command that fails, and the one line that it says. */
async function refusal(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await ocirun(args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr.trim().split('\n')).toHaveLength(1);
  return stderr.trim();
}

describe('pause', () => {
  /** Counts without end, in a file of the container's. */
  const counting = 'n=0; while :; do n=$((n + 1)); echo $n > /dev/shm/n; sleep 0.01; done';
  const count = (pid: number) =>
    Number(readFileSync(join('/proc', String(pid), 'root/dev/shm/n'), 'utf8'));

  async function goesOn(pid: number): Promise<boolean> {
    const before = count(pid);
    await sleep(300);
    return count(pid) > before;
  }

  it('stops a container until it is resumed', async () => {
    await whileRunning(
      container.bundle,
      async (id, pid) => {
        await expect.poll(() => goesOn(pid)).toBe(true);
        await expectDone(['pause', id]);
        expect(await goesOn(pid)).toBe(false);
        expect(await statusOf(id)).toBe('paused');
        const { stdout } = await ocirun(['list', '--format', 'json']);
        const listed: { id: string; status: string }[] = JSON.parse(stdout);
        expect(listed).toContainEqual(expect.objectContaining({ id, status: 'paused' }));
        await expectDone(['resume', id]);
        expect(await goesOn(pid)).toBe(true);
        expect(await statusOf(id)).toBe('running');
      },
      counting,
    );
  });

  it('is refused for what is paused, and resume for what is not', async () => {
    await whileRunning(container.bundle, async (id) => {
      expect(await refusal('resume', id)).toBe('ocirun: container not paused: running');
      await expectDone(['pause', id]);
      expect(await refusal('pause', id)).toBe('ocirun: container not running or created: paused');
    });
    expect(await refusal('pause', 'none')).toBe('ocirun: container does not exist');
  });

  it('of a created container keeps it from being started', async () => {
    const { bundle } = container;
    const id = newId();
    await expectDone(['create', '-b', bundle.path, id]);
    await expectDone(['pause', id]);
    expect(await refusal('start', id)).toBe('ocirun: cannot start a container in the paused state');
    await expectDone(['resume', id]);
    expect(await statusOf(id)).toBe('created');
    await expectDone(['start', id]);
    await expect.poll(() => statusOf(id)).toBe('stopped');
    expect(await refusal('pause', id)).toBe('ocirun: container not running or created: stopped');
    await expectDone(['delete', id]);
  });

  it('does not save a container from kill, nor from delete --force', async () => {
    await whileRunning(container.bundle, async (id, pid) => {
      await expectDone(['pause', id]);
      await expectDone(['kill', id, 'TERM']);
      await sleep(100);
      expect(isAlive(pid)).toBe(true);
      await expectDone(['kill', id, 'KILL']);
      await expect.poll(() => isAlive(pid)).toBe(false);
    });
    await whileRunning(container.bundle, async (id, pid) => {
      await expectDone(['pause', id]);
      expect(await refusal('delete', id)).toContain('that is not stopped: paused');
      await expectDone(['delete', '--force', id]);
      expect([isAlive(pid), cgroupOf(id).exists()]).toEqual([false, false]);
    });
  });
});

describe('ps', () => {
  const script = 'sleep 61 & exec sleep 60';

  it('lists the processes of the container and no others', async () => {
    const look = async (id: string, pid: number) => {
      const json = await ocirun(['ps', '--format', 'json', id]);
      const pids: number[] = JSON.parse(json.stdout);
      expect(pids).toHaveLength(2);
      expect(pids).toContain(pid);
      const table = await ocirun(['ps', id]);
      const [heading = '', ...lines] = table.stdout.trimEnd().split('\n');
      expect(heading.split(/\s+/)).toEqual(expect.arrayContaining(['UID', 'PID', 'PPID', 'CMD']));
      expect(lines.map((line) => line.match(/sleep \d+$/)?.[0]).sort()).toEqual([
        'sleep 60',
        'sleep 61',
      ]);
    };
    await whileRunning(container.bundle, look, script);
  });

  it('takes the options of ps(1) after the id', async () => {
    const look = async (id: string, pid: number) => {
      const { stdout } = await ocirun(['ps', id, '-e', '-o', 'pid,args']);
      expect(stdout).toMatch(/^ *PID COMMAND\n/);
      expect(stdout).toContain(`${pid} sleep 60\n`);
      expect(await refusal('ps', id, '-e', '-o', 'args')).toContain("couldn't find PID field");
      expect(await refusal('ps', id, '--no-such')).toMatch(/^ocirun: ps --no-such: /);
      expect(await refusal('ps', '-f', 'xml', id)).toBe('ocirun: invalid format option');
    };
    await whileRunning(container.bundle, look, script);
  });
});

describe('events', () => {
  function follow(id: string, ...flags: string[]) {
    const child = spawn(OCIRUN, ['events', ...flags, id], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited: Promise<unknown[]> = once(child, 'exit');
    const seen = collect(child);
    return { exited, seen };
  }

  function collect({ stdout, stderr }: ChildProcess): { readonly events: string[]; text: string } {
    const seen = { text: '', errors: '', events: [] as string[] };
    stdout?.on('data', (data) => {
      seen.text += data;
      seen.events = seen.text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).type);
    });
    stderr?.on('data', (data) => {
      seen.text += `\n${data}`;
    });
    return seen;
  }

  /** The names in some JSON, without those of which runc leaves out the zero, and PSI, which is newer. */
  function names(stats: string): unknown {
    const { type, data } = JSON.parse(stats);
    const under = (object: Record<string, unknown>) =>
      Object.keys(object)
        .filter((key) => key !== 'psi' && key !== 'cache')
        .sort();
    return {
      type,
      data: Object.keys(data),
      cpu: under(data.cpu),
      usage: under(data.cpu.usage).filter((key) => !key.startsWith('percpu_')),
      cpuset: Object.keys(data.cpuset),
      memory: under(data.memory),
      raw: under(data.memory.raw),
      pids: under(data.pids),
    };
  }

  it("--stats prints what runc's does", async () => {
    const theirs = newId();
    const { bundle } = container;
    bundle.script('exec sleep 60');
    expect(
      (await run('runc', ['run', '-d', '-b', bundle.path, theirs], { stdio: 'ignore' })).status,
    ).toBe(0);
    const expected = await run('runc', ['events', '--stats', theirs]);
    await run('runc', ['delete', '--force', theirs]);
    await whileRunning(bundle, async (id) => {
      const ours = await ocirun(['events', '--stats', id]);
      expect(ours).toMatchObject({ status: 0, stderr: '' });
      expect(names(ours.stdout)).toEqual(names(expected.stdout));
      expect(JSON.parse(ours.stdout)).toMatchObject({ id, data: { pids: { current: 1 } } });
    });
  });

  it('prints statistics at intervals until the container has ended', async () => {
    let followed: ReturnType<typeof follow> | undefined;
    await whileRunning(container.bundle, async (id) => {
      followed = follow(id, '--interval', '100ms');
      const { seen } = followed;
      await expect.poll(() => seen.events.length, { timeout: 10_000 }).toBeGreaterThan(2);
    });
    expect(await followed?.exited).toEqual([0, null]);
    expect(new Set(followed?.seen.events)).toEqual(new Set(['stats']));
  });

  it('tells when the container runs out of memory', async () => {
    const script =
      'until [ -e /dev/shm/go ]; do sleep 0.05; done; busybox tail /dev/zero; exec sleep 60';
    container.bundle.with(({ linux }) => {
      linux.resources = { memory: { limit: 16 * MiB, swap: 16 * MiB } };
    });
    let exited: Promise<unknown[]> | undefined;
    const look = async (id: string, pid: number) => {
      const followed = follow(id, '--interval', '1h');
      const { seen } = followed;
      exited = followed.exited;
      await expect.poll(() => seen.events, { timeout: 10_000 }).toEqual(['stats']);
      writeFileSync(`/proc/${pid}/root/dev/shm/go`, '');
      await expect.poll(() => seen.events, { timeout: 10_000 }).toContain('oom');
      expect(seen.text).toContain(`{"type":"oom","id":"${id}"}\n`);
    };
    await whileRunning(container.bundle, look, script);
    // However long the interval.
    expect(await exited).toEqual([0, null]);
  });

  it.each([['0'], ['-1s'], ['5'], ['soon']])('refuses the interval %s', async (interval) => {
    const { status, stderr } = await ocirun(['events', `--interval=${interval}`, 'none']);
    expect(status).toBe(1);
    expect(stderr).toContain(`invalid duration "${interval}"`);
  });
});

describe('update', () => {
  it('changes limits, and no others', async () => {
    container.bundle.with(({ linux }) => {
      linux.resources = { pids: { limit: 20 }, cpu: { shares: 512 } };
    });
    await whileRunning(container.bundle, async (id) => {
      const shares = () => weight(id);
      const before = shares();
      const memory = ['--memory', '64m', '--memory-swap', '96m', '--memory-reservation=32m'];
      await expectDone(['update', ...memory, '--cpuset-cpus', '0', id]);
      await expectDone(['update', '--cpu-quota', '50000', '--cpu-period', '200000', id]);
      const { memory: limits, pids } = cgroupOf(id).stats();
      expect([limits?.limit, limits?.withSwap?.limit]).toEqual([64 * MiB, 96 * MiB]);
      expect(pids?.limit).toBe(20);
      expect(fileOf(id, 'cpuset.cpus')).toBe('0');
      expect(fileOf(id, 'cpu.max') ?? quota(id)).toBe('50000 200000');
      expect(shares()).toBe(before);
      await expectDone(['update', '--pids-limit', '-1', '--cpu-share', '2048', id]);
      expect(cgroupOf(id).stats().pids?.limit).toBe(Number.POSITIVE_INFINITY);
      expect(shares()).toBeGreaterThan(before);
    });
  });

  it('reads resources from a file, and from the standard input', async () => {
    await whileRunning(container.bundle, async (id) => {
      const file = join(container.bundle.path, 'resources.json');
      writeFileSync(file, JSON.stringify({ pids: { limit: 12 } }));
      await expectDone(['update', '-r', file, id]);
      expect(cgroupOf(id).stats().pids?.limit).toBe(12);
      const command = `echo '{"pids":{"limit":13}}' | "${OCIRUN}" update --resources - ${id}`;
      expect(await run('sh', ['-c', command])).toMatchObject({ status: 0, stderr: '' });
      expect(cgroupOf(id).stats().pids?.limit).toBe(13);
      writeFileSync(file, '{"pids":{"limit":"many"}}');
      expect(await refusal('update', '-r', file, id)).toContain('pids.limit');
      expect(await refusal('update', '-r', '/no/such', id)).toContain('/no/such');
    });
  });

  it('names file, value, error and JSON path of what the kernel refuses', async () => {
    await whileRunning(container.bundle, async (id) => {
      expect(await refusal('update', '--cpu-quota', '5', id)).toMatch(
        /linux\.resources\.cpu\.quota: write 5( 100000)? to cpu\.\S+: write: invalid argument/,
      );
      expect(await refusal('update', '--cpuset-cpus', '4000', id)).toMatch(
        /linux\.resources\.cpu\.cpus: write 4000 to cpuset\.cpus: write: /,
      );
      expect(await refusal('update', '--memory', 'much', id)).toContain('It must be a size');
    });
  });

  it('changes nothing when the kernel refuses a part of it', async () => {
    container.bundle.with(({ linux }) => {
      linux.resources = { pids: { limit: 20 }, memory: { limit: 64 * MiB } };
    });
    await whileRunning(container.bundle, async (id) => {
      const flags = ['--memory', '32m', '--pids-limit', '5', '--cpu-share', '512'];
      const shares = weight(id);
      expect(await refusal('update', '--cpu-quota', '5', ...flags, id)).toContain('invalid');
      const { memory, pids } = cgroupOf(id).stats();
      expect([memory?.limit, pids?.limit, weight(id)]).toEqual([64 * MiB, 20, shares]);
    });
  });

  it('changes a period with its quota, and a quota with its period', async () => {
    container.bundle.with(({ linux }) => {
      linux.resources = { cpu: { quota: 20_000, period: 50_000 } };
    });
    await whileRunning(container.bundle, async (id) => {
      await expectDone(['update', '--cpu-quota', '30000', id]);
      expect(fileOf(id, 'cpu.max') ?? quota(id)).toBe('30000 50000');
      await expectDone(['update', '--cpu-period', '40000', id]);
      expect(fileOf(id, 'cpu.max') ?? quota(id)).toBe('30000 40000');
    });
  });

  it('changes device rules, and refuses those that cannot be, on either version', async () => {
    const deny = { allow: false, access: 'rwm' };
    const log = { allow: true, type: 'c', major: 1, minor: 11, access: 'w' };
    container.bundle.with(({ linux }) => {
      linux.resources = { devices: [deny] };
      linux.devices = [{ type: 'c', path: '/dev/kmsg', major: 1, minor: 11, fileMode: 0o666 }];
    });
    // Opens it, and writes nothing.
    const script = `exec 2> /dev/shm/e; while :; do : > /dev/null
      if (: > /dev/kmsg); then echo yes; else echo no; fi > /dev/shm/n
      busybox mv /dev/shm/n /dev/shm/found; done`;
    await whileRunning(
      container.bundle,
      async (id, pid) => {
        const shm = (name: string) => readFileSync(`/proc/${pid}/root/dev/shm/${name}`, 'utf8');
        const found = () => (existsSync(`/proc/${pid}/root/dev/shm/found`) ? shm('found') : '');
        const file = join(container.bundle.path, 'resources.json');
        const update = (...devices: object[]) => writeFileSync(file, JSON.stringify({ devices }));
        await expect.poll(found).toBe('no\n');
        update(deny, log);
        await expectDone(['update', '-r', file, id]);
        await expect.poll(found).toBe('yes\n');
        update(deny);
        await expectDone(['update', '-r', file, id]);
        await expect.poll(found).toBe('no\n');
        // The default devices were never out of reach.
        expect(shm('e')).not.toMatch(/dev\/null/);
        update({ ...log, major: 5000 });
        expect(await refusal('update', '-r', file, id)).toContain(
          'linux.resources.devices[0].major: must be from 0 to 4095',
        );
      },
      script,
    );
  });

  it('of a class of RDT needs a container that has one', async () => {
    await whileRunning(container.bundle, async (id) => {
      expect(await refusal('update', '--l3-cache-schema', 'L3:0=f', id)).toBe(
        'ocirun: Intel RDT: the container has no class of service',
      );
    });
  });

  /** A file of the container's cgroup, in whatever hierarchy it is. */
  function fileOf(id: string, file: string): string | undefined {
    const paths = [...cgroupOf(id).directories.values()].map((directory) => join(directory, file));
    const found = paths.find((path) => existsSync(path));
    return found === undefined ? undefined : readFileSync(found, 'utf8').trim();
  }

  function quota(id: string): string {
    return `${fileOf(id, 'cpu.cfs_quota_us')} ${fileOf(id, 'cpu.cfs_period_us')}`;
  }

  function weight(id: string): number {
    return Number(fileOf(id, 'cpu.weight') ?? fileOf(id, 'cpu.shares'));
  }
});

describe('a container without a cgroup', () => {
  const disabled = ['--cgroup-manager', 'disabled'];

  it('is told which of its limits are not set', async () => {
    container.bundle.with(({ linux }) => {
      linux.resources = { pids: { limit: 20 } };
    });
    const args = [...disabled, 'run', '-b', container.bundle.path, newId()];
    const { status, stderr } = await ocirun(args);
    expect(status).toBe(0);
    expect(stderr).toContain('linux.resources.pids.limit: is not so: the container has no cgroup');
  });

  it('stays in the cgroup of its caller, and the commands say so', async () => {
    const look = async (id: string, pid: number) => {
      const ours = readFileSync('/proc/self/cgroup', 'utf8');
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toBe(ours);
      expect(cgroupOf(id).exists()).toBe(false);
      for (const command of ['pause', 'ps', 'events', 'update'])
        expect(await refusal(command, id)).toBe('ocirun: the container has no cgroup');
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', disabled);
  });
});
