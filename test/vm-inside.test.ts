import { readFileSync, statfsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from './support/ocirun.ts';
import { insideVm } from './support/vm.ts';

const CGROUP2_SUPER_MAGIC = 0x63677270;

describe.runIf(insideVm)('the test machine, seen from inside', () => {
  test('has unified cgroups with all controllers', () => {
    expect(statfsSync('/sys/fs/cgroup').type).toBe(CGROUP2_SUPER_MAGIC);
    const controllers = words('/sys/fs/cgroup/cgroup.controllers');
    expect(controllers).toEqual(
      expect.arrayContaining(['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids', 'rdma']),
    );
  });

  test('has systemd as process 1, and nothing of it failed', async () => {
    expect(words('/proc/1/comm')).toEqual(['systemd']);
    expect(await run('systemctl', ['is-system-running'])).toMatchObject({ stdout: 'running\n' });
  });

  test('makes transient units over the system bus', async () => {
    const command = ['--quiet', '--wait', '--collect', '--property=TasksMax=7', '--pipe'];
    const cgroup = 'cat /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/pids.max';
    const { stdout } = await run('systemd-run', [...command, 'sh', '-c', cgroup]);
    expect(stdout).toBe('7\n');
  });

  test('starts systemd for an ordinary user', async () => {
    await run('systemctl', ['start', 'user@1000']);
    const environment = ['env', 'XDG_RUNTIME_DIR=/run/user/1000'];
    const systemctl = ['systemctl', '--user', 'is-system-running', '--wait'];
    const { stdout } = await run('setpriv', [
      ...['--reuid=1000', '--regid=1000', '--init-groups'],
      ...environment,
      ...systemctl,
    ]);
    expect(stdout).toBe('running\n');
  });

  test('has AppArmor', async () => {
    expect(words('/sys/module/apparmor/parameters/enabled')).toEqual(['Y']);
    expect(await run('apparmor_parser', ['--version'])).toMatchObject({ status: 0 });
  });

  test('has every capability that the kernel knows', () => {
    const last = Number(words('/proc/sys/kernel/cap_last_cap')[0]);
    const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    expect(BigInt(`0x${effective}`)).toBe((1n << BigInt(last + 1)) - 1n);
  });

  test('has two NUMA nodes', () => {
    expect(words('/sys/devices/system/node/online')).toEqual(['0-1']);
  });
});

function words(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split(' ');
}
