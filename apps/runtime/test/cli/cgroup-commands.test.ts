import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CgroupError } from '@oci/cgroups/live';
import { describe, expect, it, vi } from 'vitest';
import { FakeHost, temporaryDirectory } from '../store/support.ts';
import { FakeWorld } from './support.ts';

/** A container that runs, in a cgroup. */
function running() {
  const host = new FakeHost();
  host.container('x');
  host.process(41);
  const cgroup = host.cgroup('x');
  const world = new FakeWorld();
  world.host = host.options;
  const run = (...args: string[]) => world.run('--root', host.root, ...args);
  return { host, cgroup, world, run };
}

const silent = { status: 0, stdout: '', stderr: '' };

describe('pause and resume', () => {
  it('say nothing', async () => {
    const { cgroup, run } = running();
    expect(await run('pause', 'x')).toEqual(silent);
    expect((await run('state', 'x')).stdout).toContain('"status": "paused"');
    expect(await run('resume', 'x')).toEqual(silent);
    expect(cgroup.done).toEqual(['freeze', 'thaw']);
  });

  it('say what is wrong', async () => {
    const { run } = running();
    expect(await run('resume', 'x')).toEqual({
      ...{ status: 1, stdout: '', stderr: 'ocirun: container not paused: running\n' },
    });
  });
});

describe.each([['ps'], ['events'], ['events', '--stats'], ['update'], ['pause']])(
  'a container without a cgroup: %s',
  (...command) => {
    it('is refused', async () => {
      const { host, run } = running();
      host.container('y', { pid: 42 });
      host.process(42);
      const [name = '', ...flags] = command;
      expect(await run(name, ...flags, 'y')).toEqual({
        ...{ status: 1, stdout: '', stderr: 'ocirun: the container has no cgroup\n' },
      });
    });
  },
);

describe.each([
  [['ps', 'x'], 'container not running'],
  [['events', 'x'], 'container with id x is not running'],
  [['update', 'x'], 'container not running'],
])('a container that has stopped: %j', (command, message) => {
  it('is refused', async () => {
    const { host, run } = running();
    host.exit(41);
    expect(await run(...command)).toMatchObject({ status: 1, stderr: `ocirun: ${message}\n` });
  });
});

describe('ps', () => {
  /** Puts a ps in the place of the machine's, that prints its options and some processes. */
  function fakePs(script: string): void {
    const directory = temporaryDirectory();
    const file = join(directory, 'ps');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    vi.stubEnv('PATH', `${directory}:${process.env.PATH}`);
  }

  it.each([['-f'], ['--format']])('prints JSON with %s', async (flag) => {
    const { cgroup, run } = running();
    cgroup.pids = [41, 50];
    expect(await run('ps', flag, 'json', 'x')).toEqual({ ...silent, stdout: '[41,50]\n' });
  });

  it('prints the lines that ps(1) has of them', async () => {
    const { cgroup, run } = running();
    cgroup.pids = [41, 50];
    fakePs(`echo "$*"; exit 3`);
    expect((await run('ps', 'x')).stderr).toBe('ocirun: ps -ef: exit code 3\n');
    fakePs(`echo 'UID   PID CMD'; echo 'root   41 a 7'; echo 'root    7 b 41'; echo 'root   50 c'`);
    expect(await run('ps', 'x')).toEqual({
      ...silent,
      stdout: 'UID   PID CMD\nroot   41 a 7\nroot   50 c\n',
    });
    vi.unstubAllEnvs();
  });

  it('passes options on that follow the id', async () => {
    const { run } = running();
    fakePs(`echo "$*" >&2; exit 1`);
    expect((await run('ps', 'x', '-e', '-o', 'pid,f')).stderr).toBe(
      'ocirun: ps -e -o pid,f: -e -o pid,f\n',
    );
    vi.unstubAllEnvs();
  });

  it('says why there is nothing to print', async () => {
    const { run } = running();
    expect((await run('ps', '-f', 'xml', 'x')).stderr).toBe('ocirun: invalid format option\n');
    fakePs('echo CMD; echo a');
    expect((await run('ps', 'x')).stderr).toBe("ocirun: couldn't find PID field in ps output\n");
    vi.stubEnv('PATH', '/no/such');
    expect((await run('ps', 'x')).stderr).toMatch(/^ocirun: run ps: .*ENOENT\n$/);
    vi.unstubAllEnvs();
  });
});

describe('events', () => {
  const stats = expect.stringMatching(/^\{"type":"stats","id":"x","data":\{.*"pids":\{"current":3/);

  it('--stats prints one line', async () => {
    const { run } = running();
    const { stdout, ...rest } = await run('events', '--stats', 'x');
    expect(rest).toEqual({ status: 0, stderr: '' });
    expect(stdout).toEqual(stats);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse(stdout).data).toMatchObject({ pids: { limit: 7 }, intel_rdt: {} });
  });

  it('prints statistics at every interval, until the container has ended', async () => {
    const { host, world, run } = running();
    let lines = 0;
    world.onPrint = () => {
      lines++;
      if (lines === 3) host.exit(41);
    };
    const { status, stdout } = await run('events', '--interval', '1ms', 'x');
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([stats, stats, stats]);
  });

  it('tells of a want of memory, and ends with the cgroup however long the interval', async () => {
    const { cgroup, run } = running();
    cgroup.ooms = 2;
    cgroup.removed = new Promise((resolve) => setTimeout(resolve, 20));
    const { stdout } = await run('events', '--interval=1h', 'x');
    const oom = '{"type":"oom","id":"x"}';
    const lines = stdout.trimEnd().split('\n');
    expect(lines.sort()).toEqual([oom, oom, stats]);
  });

  it('prints statistics without a memory controller, too', async () => {
    const { cgroup, host, world, run } = running();
    cgroup.oomEvents = () => {
      throw new CgroupError('UNSUPPORTED', 'there is no memory controller');
    };
    let lines = 0;
    world.onPrint = () => {
      lines++;
      if (lines === 2) host.exit(41);
    };
    const { stdout, ...rest } = await run('events', '--interval', '1ms', 'x');
    expect(rest).toEqual({ status: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([stats, stats]);
  });

  it.each(['stats', 'oomEvents'] as const)(
    'ends with a cgroup that is gone when %s are asked for',
    async (name) => {
      const { cgroup, run } = running();
      cgroup[name] = () => {
        throw new CgroupError('MISSING', 'there is no such cgroup');
      };
      expect(await run('events', '--interval=1h', 'x')).toMatchObject({ status: 0, stderr: '' });
    },
  );

  it('ends when nobody reads it', async () => {
    const { world, run } = running();
    world.closed = true;
    expect((await run('events', 'x')).status).toBe(141);
  });
});

describe('update', () => {
  it.each([
    [['--blkio-weight', '500'], { blockIO: { weight: 500 } }],
    [['--cpu-period', '100000'], { cpu: { period: 100_000 } }],
    [['--cpu-quota', '-1'], { cpu: { quota: -1 } }],
    [['--cpu-quota=50000'], { cpu: { quota: 50_000 } }],
    [['--cpu-burst', '0'], { cpu: { burst: 0 } }],
    [['--cpu-share', '512'], { cpu: { shares: 512 } }],
    [['--cpu-rt-period', '5000'], { cpu: { realtimePeriod: 5000 } }],
    [['--cpu-rt-runtime', '-1'], { cpu: { realtimeRuntime: -1 } }],
    [['--cpu-idle', '1'], { cpu: { idle: 1 } }],
    [['--cpuset-cpus', '0-1'], { cpu: { cpus: '0-1' } }],
    [['--cpuset-mems', '0'], { cpu: { mems: '0' } }],
    [['--memory', '64m'], { memory: { limit: 2 ** 26 } }],
    [['--memory', '-1'], { memory: { limit: -1 } }],
    [['--memory-reservation', '1000'], { memory: { reservation: 1000 } }],
    [['--memory-swap', '1GiB'], { memory: { swap: 2 ** 30 } }],
    [['--pids-limit', '-1'], { pids: { limit: -1 } }],
    [
      ['--pids-limit=9', '--memory=1k', '--cpu-share=2'],
      {
        cpu: { shares: 2 },
        memory: { limit: 1024 },
        pids: { limit: 9 },
      },
    ],
    [[], {}],
  ])('%j is what it says, and nothing else', async (flags, resources) => {
    const { cgroup, run } = running();
    expect(await run('update', ...flags, 'x')).toEqual(silent);
    expect(await run('update', 'x', ...flags)).toEqual(silent);
    expect(cgroup.updates).toEqual([resources, resources]);
  });

  it.each([
    [['--cpu-share', '-1'], 'It must not be negative.'],
    [['--cpu-share', 'many'], 'It must be a whole number.'],
    [['--cpu-quota', '1.5'], 'It must be a whole number.'],
    [['--pids-limit', ''], 'It must be a whole number.'],
    [['--pids-limit', '9007199254740993'], 'It must be a whole number.'],
    [['--memory', '64q'], 'It must be a size such as 512m, or -1.'],
    [['--memory', '-2'], 'It must be a size such as 512m, or -1.'],
    [['--memory', '9999999p'], 'It must be a size such as 512m, or -1.'],
  ])('refuses %j', async (flags, message) => {
    const { cgroup, run } = running();
    const { status, stderr } = await run('update', ...flags, 'x');
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(cgroup.updates).toEqual([]);
  });

  it('takes resources from a file, and nothing from other flags then', async () => {
    const { cgroup, run } = running();
    const file = join(temporaryDirectory(), 'resources.json');
    writeFileSync(file, '{"pids":{"limit":5},"unified":{"memory.high":"1"}}');
    expect(await run('update', '-r', file, '--memory', '1k', 'x')).toEqual(silent);
    expect(await run('update', `--resources=${file}`, 'x')).toEqual(silent);
    const resources = { pids: { limit: 5 }, unified: { 'memory.high': '1' } };
    expect(cgroup.updates).toEqual([resources, resources]);
  });

  it('says what is wrong with a file', async () => {
    const { cgroup, run } = running();
    const file = join(temporaryDirectory(), 'resources.json');
    writeFileSync(file, '{"pids":{"limit":"many"}}');
    expect((await run('update', '-r', file, 'x')).stderr).toMatch(/pids\.limit: /);
    writeFileSync(file, '{');
    expect((await run('update', '-r', file, 'x')).status).toBe(1);
    expect((await run('update', '-r', `${file}.none`, 'x')).stderr).toContain(`${file}.none`);
    expect(cgroup.updates).toEqual([]);
  });

  it('says what the cgroup refuses', async () => {
    const { cgroup, run } = running();
    cgroup.refusal = new Error('linux.resources.cpu.quota: write 5 to cpu.max: invalid argument');
    expect(await run('update', '--cpu-quota', '5', 'x')).toEqual({
      ...{ status: 1, stdout: '', stderr: `ocirun: ${cgroup.refusal.message}\n` },
    });
  });

  it.each([['--l3-cache-schema'], ['--mem-bw-schema']])(
    '%s needs a class of service, and changes nothing without',
    async (flag) => {
      const { cgroup, run } = running();
      const { stderr } = await run('update', '--memory', '1k', flag, 'L3:0=f', 'x');
      expect(stderr).toBe('ocirun: Intel RDT: the container has no class of service\n');
      expect(cgroup.updates).toEqual([]);
    },
  );
});
