import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectLayout } from '@oci/cgroups';
import { Cgroup } from '@oci/cgroups/live';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeRootless } from './support/bundle.ts';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { expectDone, stateOf, whileRunning } from './support/running.ts';
import { interruptAt, traceCalls } from './support/trace.ts';
import { insideVm } from './support/vm.ts';

const layout = detectLayout();
const MiB = 2 ** 20;

/** A file of a cgroup by its name on version 2 or 1, in whatever hierarchy it is. */
function limitOf(path: string, ...names: readonly string[]): string {
  const directories = [...Cgroup.at(path, { layout }).directories.values()];
  const files = directories.flatMap((directory) => names.map((name) => join(directory, name)));
  return readFileSync(files.find((file) => existsSync(file)) ?? files.join(), 'utf8').trim();
}

const memoryLimit = (path: string) => limitOf(path, 'memory.max', 'memory.limit_in_bytes');

/** What systemd knows of a unit. */
async function unit(name: string, ...flags: string[]): Promise<Record<string, string>> {
  const { stdout } = await run('systemctl', [...flags, 'show', name]);
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

async function isLoaded(name: string): Promise<boolean> {
  return (await unit(name)).LoadState === 'loaded';
}

describe.runIf(insideVm)('--systemd-cgroup', () => {
  const container = useBundle();
  const systemd = ['--systemd-cgroup'];

  /** Of `:pre:box`. */
  const scope = Cgroup.at('/system.slice/pre-box.scope', { layout });

  function path(cgroupsPath: string): void {
    container.bundle.with(({ linux }) => {
      linux.cgroupsPath = cgroupsPath;
    });
  }

  it('runs the container in a scope that is called slice:prefix:name', async () => {
    path('test-inner.slice:pre:box');
    container.bundle.with(({ linux }) => {
      linux.resources = {
        memory: { limit: 64 * MiB },
        pids: { limit: 30 },
        cpu: { quota: 50_000, period: 100_000 },
      };
    });
    const cgroup = '/test.slice/test-inner.slice/pre-box.scope';
    const look = async (_: string, pid: number) => {
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`:${cgroup}\n`);
      expect(await unit('pre-box.scope')).toMatchObject({
        Slice: 'test-inner.slice',
        ActiveState: 'active',
        Delegate: 'yes',
        ControlGroup: cgroup,
        TasksMax: '30',
        CPUQuotaPerSecUSec: '500ms',
      });
      expect(memoryLimit(cgroup)).toBe(String(64 * MiB));
      expect(limitOf(cgroup, 'cpu.max', 'cpu.cfs_quota_us')).toMatch(/^50000/);
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', systemd);
    expect(await isLoaded('pre-box.scope')).toBe(false);
    expect(Cgroup.at(cgroup, { layout }).exists()).toBe(false);
  });

  it('without cgroupsPath names the scope after the container', async () => {
    const look = async (id: string, pid: number) => {
      const name = `ocirun-${id}.scope`;
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`:/system.slice/${name}\n`);
      expect(await unit(name)).toMatchObject({ Slice: 'system.slice' });
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', systemd);
  });

  it('creates, starts and deletes', async () => {
    path(':pre:box');
    container.bundle.script('exit 3');
    const id = newId();
    await expectDone([...systemd, 'create', '-b', container.bundle.path, id]);
    expect(await unit('pre-box.scope')).toMatchObject({ ActiveState: 'active' });
    expect((await stateOf(id)).status).toBe('created');
    await expectDone(['start', id]);
    await expect.poll(async () => (await stateOf(id)).status).toBe('stopped');
    await expectDone(['delete', id]);
    expect(await isLoaded('pre-box.scope')).toBe(false);
  });

  it('lets the same scope be started again and again', async () => {
    path(':pre:box');
    for (let life = 0; life < 3; life++) {
      container.bundle.script(`exit ${life}`);
      const outcome = await ocirun([...systemd, 'run', '-b', container.bundle.path, newId()]);
      expect(outcome).toMatchObject({ status: life, stderr: '' });
    }
  });

  it('updates what systemd knows, which survives its reloading', async () => {
    const look = async (id: string) => {
      const name = `ocirun-${id}.scope`;
      const cgroup = `/system.slice/${name}`;
      await expectDone(['update', '--memory', '48m', '--pids-limit', '12', id]);
      expect(await unit(name)).toMatchObject({ TasksMax: '12' });
      expect(memoryLimit(cgroup)).toBe(String(48 * MiB));
      await run('systemctl', ['daemon-reload']);
      expect(memoryLimit(cgroup)).toBe(String(48 * MiB));
      expect(limitOf(cgroup, 'pids.max')).toBe('12');
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', systemd);
  });

  it('is told quotas with their periods, swap with its memory, and devices', async () => {
    container.bundle.with(({ linux }) => {
      linux.resources = {
        cpu: { quota: 20_000, period: 50_000 },
        memory: { limit: 64 * MiB },
        devices: [{ allow: false, access: 'rwm' }],
      };
    });
    const look = async (id: string) => {
      const name = `ocirun-${id}.scope`;
      const cgroup = `/system.slice/${name}`;
      const bandwidth = () =>
        layout.kind === 'unified'
          ? limitOf(cgroup, 'cpu.max')
          : `${limitOf(cgroup, 'cpu.cfs_quota_us')} ${limitOf(cgroup, 'cpu.cfs_period_us')}`;
      await expectDone(['update', '--cpu-quota', '30000', id]);
      expect(await unit(name)).toMatchObject({ CPUQuotaPerSecUSec: '600ms' });
      await run('systemctl', ['daemon-reload']);
      expect(bandwidth()).toBe('30000 50000');
      await expectDone(['update', '--cpu-period', '40000', id]);
      expect(await unit(name)).toMatchObject({
        CPUQuotaPerSecUSec: '750ms',
        CPUQuotaPeriodUSec: '40ms',
      });
      await run('systemctl', ['daemon-reload']);
      expect(bandwidth()).toBe('30000 40000');
      // systemd has hundredths of a processor, the kernel what was asked for.
      await expectDone(['update', '--cpu-quota', '30100', id]);
      expect(bandwidth()).toBe('30100 40000');
      if (layout.kind === 'unified') {
        await expectDone(['update', '--memory-swap', String(96 * MiB), id]);
        expect(await unit(name)).toMatchObject({ MemorySwapMax: String(32 * MiB) });
      }
      const before = await unit(name);
      const refused = await ocirun(['update', '--cpu-quota', '5', '--pids-limit', '7', id]);
      expect(refused.status).toBe(1);
      const { TasksMax, CPUQuotaPerSecUSec } = await unit(name);
      expect({ TasksMax, CPUQuotaPerSecUSec }).toEqual({
        TasksMax: before.TasksMax,
        CPUQuotaPerSecUSec: before.CPUQuotaPerSecUSec,
      });
      const file = join(container.bundle.path, 'resources.json');
      const devices = [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
      ];
      writeFileSync(file, JSON.stringify({ devices }));
      await expectDone(['update', '-r', file, id]);
      const { DeviceAllow, DevicePolicy } = await unit(name);
      expect(DevicePolicy).toBe('strict');
      expect(DeviceAllow).toContain('/dev/char/10:229 rw');
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', systemd);
  });

  it('has the other commands work on the scope', async () => {
    const look = async (id: string, pid: number) => {
      const { stdout } = await ocirun(['ps', '-f', 'json', id]);
      expect(JSON.parse(stdout)).toEqual([pid]);
      await expectDone(['pause', id]);
      expect((await stateOf(id)).status).toBe('paused');
      const stats = await ocirun(['events', '--stats', id]);
      expect(JSON.parse(stats.stdout)).toMatchObject({ data: { pids: { current: 1 } } });
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', systemd);
  });

  it('takes properties from annotations', async () => {
    container.bundle.with((config) => {
      config.annotations = { 'org.systemd.property.TimeoutStopUSec': 'uint64 123000000' };
    });
    const look = async (id: string) => {
      const { TimeoutStopUSec } = await unit(`ocirun-${id}.scope`);
      expect(TimeoutStopUSec).toBe('2min 3s');
    };
    await whileRunning(container.bundle, look, 'exec sleep 60', systemd);
  });

  it.each([
    ['/absolute/path', 'must be slice:prefix:name'],
    ['a:b', 'must be slice:prefix:name'],
    ['not-a-slice:pre:box', 'is not the name of a slice'],
    ['a.slice:pre:', 'must have a name'],
    ['a.slice:pre:../up', 'is not the name of a systemd unit'],
  ])('refuses %s', async (cgroupsPath, reason) => {
    path(cgroupsPath);
    const { status, stderr } = await ocirun([
      ...systemd,
      ...['run', '-b', container.bundle.path, newId()],
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/linux\.cgroupsPath: /);
    expect(stderr).toContain(reason);
  });

  it('leaves no scope behind limits that the kernel refuses', async () => {
    path(':pre:box');
    container.bundle.with(({ linux }) => {
      linux.resources = { cpu: { cpus: '4000' } };
    });
    const outcome = await ocirun([...systemd, 'run', '-b', container.bundle.path, newId()]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(
      'linux.resources.cpu.cpus: write 4000 to cpuset.cpus: write: ',
    );
    expect([await isLoaded('pre-box.scope'), scope.exists()]).toEqual([false, false]);
  });

  it('tells what systemd refuses, and leaves nothing', async () => {
    path(':pre:box');
    await whileRunning(
      container.bundle,
      async () => {
        const other = newId();
        const { status, stderr } = await ocirun([
          ...systemd,
          ...['run', '-b', container.bundle.path, other],
        ]);
        expect(status).toBe(1);
        expect(stderr).toMatch(/systemd: \S*UnitExists: .*pre-box\.scope/);
        expect(await unit('pre-box.scope')).toMatchObject({ ActiveState: 'active' });
      },
      'exec sleep 60',
      systemd,
    );
  });

  it('leaves no scope behind a start that fails', async () => {
    path(':pre:box');
    container.bundle.with(({ process }) => {
      process.args = ['/no/such/program'];
    });
    for (let tries = 0; tries < 3; tries++) {
      const outcome = await ocirun([...systemd, 'run', '-b', container.bundle.path, newId()]);
      expect(outcome).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/^ocirun: .*no such file or directory\n$/),
      });
      expect(await isLoaded('pre-box.scope')).toBe(false);
      expect(scope.exists()).toBe(false);
    }
  });

  it('leaves no scope that delete --force does not clean behind a launcher that is killed', async () => {
    path(':pre:box');
    const { bundle } = container;
    bundle.script('sleep 0.2');
    const launcher = join(bundle.path, 'launcher');
    const states = join(bundle.path, 'states');
    mkdirSync(states);
    await ocirun([...systemd, 'compile', bundle.path, '-o', launcher]);
    const start = (id: string) => [launcher, '--root', states, id];
    const [host = []] = await traceCalls(join(bundle.path, 'trace'), start(newId()));
    const connected = host.findIndex(({ name }) => name === 'connect');
    const calls = host.slice(connected, connected + 30);
    expect(calls).toHaveLength(30);
    let half = 0;
    for (const call of calls) {
      const id = newId();
      await interruptAt(call, 'KILL', start(id));
      if (readdirSync(states).length > 0) half++;
      const args = ['--root', states, 'delete', '--force', id];
      expect(await ocirun(args)).toMatchObject({ status: 0, stderr: '' });
      await expect.poll(() => isLoaded('pre-box.scope'), { timeout: 5000 }).toBe(false);
      expect(scope.exists()).toBe(false);
    }
    expect(half).toBeGreaterThan(10);
  }, 300_000);
});

// Version 1 is not delegated to users.
describe.runIf(insideVm && layout.kind === 'unified')(
  "--systemd-cgroup with a user's instance",
  () => {
    const container = useBundle();
    const asUser = ['--reuid=1000', '--regid=1000', '--init-groups', 'env', '-u', 'XDG_CACHE_HOME'];

    beforeAll(() => run('systemctl', ['start', 'user@1000']));

    it("runs an ordinary user's container in a scope of that", async () => {
      container.bundle.with((config) => {
        makeRootless(config, 1000, 1000);
        config.linux.cgroupsPath = 'user.slice:pre:box';
        config.linux.resources = { pids: { limit: 30 } };
      });
      container.bundle.script('cat /proc/self/cgroup; echo > /dev/null');
      const outcome = await run('setpriv', [
        ...asUser,
        'XDG_RUNTIME_DIR=/run/user/1000',
        ...[OCIRUN, '--systemd-cgroup', 'run', '-b', container.bundle.path, newId()],
      ]);
      expect(outcome).toMatchObject({ status: 0, stderr: '' });
      expect(outcome.stdout).toContain(
        '/user.slice/user-1000.slice/user@1000.service/user.slice/pre-box.scope',
      );
    });
  },
);
