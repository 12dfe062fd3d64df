import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { detectLayout, hierarchyOf } from '@oci/cgroups';
import { Cgroup } from '@oci/cgroups/live';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LooseConfig, makeRootless, TestBundle } from './support/bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './support/leftovers.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { isAlive, whileRunning } from './support/running.ts';

const layout = detectLayout();
const isUnified = layout.kind === 'unified';
const MiB = 2 ** 20;

let bundle: TestBundle;
let before: Leftovers;

beforeEach(() => {
  bundle = new TestBundle();
  before = leftovers();
});

afterEach(async () => {
  bundle.remove();
  expect(await nothingMoreThan(before)).toEqual(before);
});

function resources(change: LooseConfig): void {
  bundle.with(({ linux }) => {
    linux.resources = { ...linux.resources, ...change };
  });
}

/** What a file of a container's cgroup holds, by its name on version 1 and 2. */
function fileOf(path: string, controller: string, v1: string, v2: string): string {
  const hierarchy = hierarchyOf(layout, controller);
  const file = hierarchy?.version === 2 ? v2 : v1;
  return readFileSync(join(hierarchy?.mountpoint ?? '', path, file), 'utf8').trim();
}

async function inside(script: string): Promise<string> {
  bundle.script(script);
  const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome.stdout.trim();
}

describe('linux.cgroupsPath', () => {
  it.each([
    ['/test-parent/box', '/test-parent/box'],
    ['test-parent/box', '/test-parent/box'],
  ])('%s is where the container is, in all hierarchies', async (given, path) => {
    bundle.with(({ linux }) => {
      linux.cgroupsPath = given;
    });
    await whileRunning(bundle, (_, pid) => {
      const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
      const [counted] = isUnified ? [lines] : [lines.filter((line) => !line.startsWith('0::'))];
      expect(counted.map((line) => line.split(':')[2])).toEqual(counted.map(() => path));
      expect(Cgroup.at(path, { layout }).processes()).toEqual([pid]);
    });
    expect(Cgroup.at(path, { layout }).exists()).toBe(false);
    // Those above stay, as with other runtimes.
    await Cgroup.at('/test-parent', { layout }).remove();
  });

  it('is named by the id when it is absent', async () => {
    await whileRunning(bundle, (id) => {
      expect(Cgroup.at(id, { layout }).processes()).toHaveLength(1);
    });
  });

  it.each(['../up', '/a/../../up'])('%s, which climbs, is refused', async (path) => {
    bundle.with(({ linux }) => {
      linux.cgroupsPath = path;
    });
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain('linux.cgroupsPath: must not climb out by ..');
  });

  it('is the root of the cgroup namespace', async () => {
    bundle.with(({ linux }) => {
      linux.namespaces.push({ type: 'cgroup' });
    });
    const lines = (await inside('cat /proc/self/cgroup')).split('\n');
    expect(new Set(lines.map((line) => line.split(':')[2]))).toEqual(new Set(['/']));
  });

  it('may name a cgroup that is there, but not one that is in use', async () => {
    await whileRunning(bundle, async (id) => {
      bundle.with(({ linux }) => {
        linux.cgroupsPath = `/${id}`;
      });
      const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toMatch(/cgroup \S+ has processes in it/);
      expect(Cgroup.at(id, { layout }).processes()).toHaveLength(1);
    });
  });
});

describe('linux.resources', () => {
  it('memory', async () => {
    resources({ memory: { limit: 64 * MiB, reservation: 32 * MiB, swap: 96 * MiB } });
    await whileRunning(bundle, (id) => {
      const { memory } = Cgroup.at(id, { layout }).stats();
      expect([memory?.limit, memory?.withSwap?.limit]).toEqual([64 * MiB, 96 * MiB]);
      expect(fileOf(id, 'memory', 'memory.soft_limit_in_bytes', 'memory.low')).toBe(
        String(32 * MiB),
      );
    });
  });

  it('memory holds inside', async () => {
    resources({ memory: { limit: 16 * MiB, swap: 16 * MiB } });
    bundle.script('busybox tail /dev/zero');
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.status).toBe(137);
  });

  it('memory that counts as unset', async () => {
    resources({ memory: { limit: 0, swap: 0, disableOOMKiller: false } });
    await whileRunning(bundle, (id) => {
      const { memory } = Cgroup.at(id, { layout }).stats();
      expect(memory?.limit).toBe(Number.POSITIVE_INFINITY);
    });
  });

  it.skipIf(isUnified)('memory, as version 1 alone has it', async () => {
    resources({ memory: { swappiness: 10, disableOOMKiller: true, useHierarchy: true } });
    await whileRunning(bundle, (id) => {
      expect(fileOf(id, 'memory', 'memory.swappiness', '')).toBe('10');
      expect(fileOf(id, 'memory', 'memory.oom_control', '')).toContain('oom_kill_disable 1');
    });
  });

  it('cpu', async () => {
    resources({
      cpu: { shares: 2048, quota: 50_000, period: 200_000, burst: 1000, cpus: '0', mems: '0' },
    });
    await whileRunning(bundle, (id) => {
      if (isUnified) {
        expect(fileOf(id, 'cpu', '', 'cpu.max')).toBe('50000 200000');
        expect(Number(fileOf(id, 'cpu', '', 'cpu.weight'))).toBeGreaterThan(100);
      } else {
        expect(fileOf(id, 'cpu', 'cpu.cfs_quota_us', '')).toBe('50000');
        expect(fileOf(id, 'cpu', 'cpu.cfs_period_us', '')).toBe('200000');
        expect(fileOf(id, 'cpu', 'cpu.shares', '')).toBe('2048');
      }
      expect(fileOf(id, 'cpu', 'cpu.cfs_burst_us', 'cpu.max.burst')).toBe('1000');
      expect(fileOf(id, 'cpuset', 'cpuset.cpus', 'cpuset.cpus')).toBe('0');
      expect(fileOf(id, 'cpuset', 'cpuset.mems', 'cpuset.mems')).toBe('0');
    });
  });

  it('cpus hold inside', async () => {
    resources({ cpu: { cpus: '0' } });
    expect(await inside('busybox grep Cpus_allowed_list /proc/self/status')).toMatch(/\t0$/);
  });

  it('cpu.idle', async () => {
    resources({ cpu: { idle: 1, shares: 512 } });
    await whileRunning(bundle, (id) => {
      expect(fileOf(id, 'cpu', 'cpu.idle', 'cpu.idle')).toBe('1');
    });
  });

  it('pids', async () => {
    resources({ pids: { limit: 4 } });
    await whileRunning(bundle, (id) => {
      expect(Cgroup.at(id, { layout }).stats().pids?.limit).toBe(4);
    });
    bundle.script('sleep 9 & sleep 9 & sleep 9 & sleep 9 & sleep 9 &');
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.stderr).toContain("can't fork");
  });

  it('devices', async () => {
    resources({ devices: [{ allow: false, access: 'rwm' }] });
    bundle.with(({ linux, process }) => {
      linux.devices = [{ type: 'c', path: '/dev/mem', major: 1, minor: 1, fileMode: 0o666 }];
      process.capabilities.effective.push('CAP_SYS_RAWIO');
      process.capabilities.permitted.push('CAP_SYS_RAWIO');
      process.capabilities.bounding.push('CAP_SYS_RAWIO');
    });
    const tried =
      'busybox dd if=/dev/mem bs=1 count=1 2>&1 | busybox head -1; echo > /dev/null && echo fine';
    expect(await inside(tried)).toMatch(/Operation not permitted\nfine$/);
  });

  it.skipIf(isUnified)('unified is refused without a unified host', async () => {
    resources({ unified: { 'memory.high': '1000000' } });
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.stderr).toContain('linux.resources.unified: needs a host with cgroup v2 alone');
  });

  it.runIf(isUnified)('unified', async () => {
    resources({ unified: { 'memory.high': String(64 * MiB), 'pids.max': '9' } });
    await whileRunning(bundle, (id) => {
      expect(fileOf(id, 'memory', '', 'memory.high')).toBe(String(64 * MiB));
      expect(fileOf(id, 'pids', '', 'pids.max')).toBe('9');
    });
  });

  it('names file, value, error and JSON path of what the kernel refuses, and leaves nothing', async () => {
    resources({ cpu: { quota: 5 }, pids: { limit: 9 } });
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(
      /linux\.resources\.cpu\.quota: write 5 to cpu\.\S+: write: invalid argument/,
    );
  });

  it('misses a controller only where it is needed', async () => {
    const controllers = ['rdma', 'net_cls', 'net_prio', 'hugetlb'];
    const missing = controllers.find((controller) => !hierarchyOf(layout, controller));
    if (!missing) return;
    const asked: LooseConfig = {
      rdma: { rdma: { x: { hcaObjects: 1 } } },
      net_cls: { network: { classID: 1 } },
      net_prio: { network: { priorities: [{ name: 'lo', priority: 1 }] } },
      hugetlb: { hugepageLimits: [{ pageSize: '2MB', limit: 0 }] },
    };
    resources(asked[missing]);
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(`needs the cgroup controller ${missing}, which is not there`);
  });
});

describe('a cgroup', () => {
  it('is gone with its container, also when that made others in it', async () => {
    const id = newId();
    bundle.script('exec sleep 60');
    const options = { stdio: 'ignore' } as const;
    expect((await ocirun(['run', '-d', '-b', bundle.path, id], options)).status).toBe(0);
    for (const directory of Cgroup.at(id, { layout }).directories.values())
      if (existsSync(directory)) mkdirSync(join(directory, 'a/b'), { recursive: true });
    expect(await ocirun(['delete', '--force', id])).toMatchObject({ status: 0, stderr: '' });
    expect(Cgroup.at(id, { layout }).exists()).toBe(false);
  });

  it('is made before, and gone after, a container that is only created', async () => {
    const id = newId();
    bundle.script('exit 3');
    const created = await ocirun(['create', '-b', bundle.path, id], { stdio: 'ignore' });
    expect(created.status).toBe(0);
    expect(Cgroup.at(id, { layout }).processes()).toHaveLength(1);
    expect(await ocirun(['delete', id])).toMatchObject({ status: 0 });
    expect(Cgroup.at(id, { layout }).exists()).toBe(false);
  });

  it('takes no part in a start that fails', async () => {
    bundle.with(({ process }) => {
      process.args = ['/no/such/program'];
    });
    const id = newId();
    expect((await ocirun(['run', '-b', bundle.path, id])).status).not.toBe(0);
    expect(Cgroup.at(id, { layout }).exists()).toBe(false);
  });

  it('kills what a container without a pid namespace leaves', async () => {
    bundle.with(({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
    });
    bundle.script('sleep 1000 >/dev/null 2>&1 & echo $!');
    const { status, stdout } = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(status).toBe(0);
    // Who adopts it may take a moment to reap it.
    await expect.poll(() => isAlive(Number(stdout))).toBe(false);
  });
});

describe('a cgroup that several starts want at once', () => {
  const start = promisify(execFile);

  it('is for one of them', { timeout: 60_000 }, async () => {
    bundle.with(({ linux }) => {
      linux.cgroupsPath = '/test-wanted/box';
    });
    bundle.script('sleep 0.2');
    const launcher = join(bundle.path, 'launcher');
    await ocirun(['compile', bundle.path, '-o', launcher]);
    for (let round = 0; round < 10; round++) {
      const starts = Array.from({ length: 4 }, () => start(launcher, [newId()]));
      const outcomes = await Promise.allSettled(starts);
      const refusals = outcomes.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
      expect(refusals).toHaveLength(3);
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(
            /cgroup \S+\/box (is being used by another start|has processes in it)\n$/,
          ),
        });
      }
      expect(Cgroup.at('/test-wanted/box', { layout }).exists()).toBe(false);
    }
    await Cgroup.at('/test-wanted', { layout }).remove();
  });
});

describe('device rules', () => {
  const devices = [{ allow: false, access: 'rwm' }];

  it('need no cgroup that an ordinary user could not make', async () => {
    resources({ devices });
    bundle.with((config) => makeRootless(config, 65534, 65534));
    bundle.script('echo > /dev/null && echo fine');
    const root = join(bundle.path, 'states');
    mkdirSync(root);
    chownSync(root, 65534, 65534);
    const outcome = await ocirun(['--root', root, 'run', '-b', bundle.path, newId()], {
      uid: 65534,
      gid: 65534,
      cwd: '/',
    });
    expect(outcome).toMatchObject({ status: 0, stdout: 'fine\n', stderr: '' });
  });

  it('nor the root of a user namespace', async () => {
    resources({ devices });
    bundle.script('echo > /dev/null && echo fine');
    bundle.with((config) => {
      makeRootless(config, 0, 0);
      config.linux.namespaces = config.linux.namespaces.filter(
        ({ type }: { type: string }) => type !== 'user',
      );
      delete config.linux.uidMappings;
      delete config.linux.gidMappings;
    });
    const start = [OCIRUN, '--root', join(bundle.path, 'states'), 'run', '-b', bundle.path];
    const outcome = await run('unshare', ['-Urm', ...start, newId()]);
    expect(outcome).toMatchObject({ status: 0, stdout: 'fine\n', stderr: '' });
  });
});

describe('a cgroup that is frozen', () => {
  it('from above is refused, whether it was there or not', async () => {
    const above = Cgroup.create('/test-frozen', { layout });
    const box = Cgroup.create('/test-frozen/box', { layout });
    try {
      await above.freeze();
      for (const path of ['/test-frozen/box', '/test-frozen/new', '/test-frozen/new/box']) {
        bundle.with(({ linux }) => {
          linux.cgroupsPath = path;
        });
        const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
        expect(outcome.status).toBe(1);
        expect(outcome.stderr).toMatch(new RegExp(`cgroup \\S+${path} is frozen\n$`));
      }
      expect(Cgroup.at('/test-frozen/new', { layout }).exists()).toBe(false);
      expect(box.exists()).toBe(true);
    } finally {
      await above.thaw();
      await above.remove();
    }
  });

  it.runIf(isUnified)('by the config is refused', async () => {
    resources({ unified: { 'cgroup.freeze': '1' } });
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(
      'linux.resources.unified["cgroup.freeze"]: must not freeze a container before it is started',
    );
  });

  it('is refused for a new container', async () => {
    const cgroup = Cgroup.create('/test-frozen', { layout });
    try {
      await cgroup.freeze();
      bundle.with(({ linux }) => {
        linux.cgroupsPath = '/test-frozen';
      });
      const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toMatch(/cgroup \S+ is frozen/);
    } finally {
      await cgroup.thaw();
      await cgroup.remove();
    }
  });
});

describe('leftovers', () => {
  it('are none after a hundred lives', { timeout: 120_000 }, async () => {
    resources({ pids: { limit: 50 }, memory: { limit: 64 * MiB } });
    bundle.script('true');
    const launcher = join(bundle.path, 'launcher');
    await ocirun(['compile', bundle.path, '-o', launcher]);
    for (let life = 0; life < 100; life++) {
      const outcome = await run(launcher, [newId()]);
      expect(outcome).toMatchObject({ status: 0, stderr: '' });
    }
    expect(leftovers().cgroups).toEqual([]);
  });
});
