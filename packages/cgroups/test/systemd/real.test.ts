import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from './real-child.ts';

const systemd = '/lib/systemd/systemd';
const root = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((directory) =>
  existsSync(join(directory, 'cgroup.controllers')),
);
const possible =
  process.getuid?.() === 0 &&
  root !== undefined &&
  // Its user instance has a bus of its own: Debian's dbus-user-session.
  [systemd, '/usr/lib/systemd/user/dbus.socket'].every((file) => existsSync(file));

/**
 * A user instance of systemd in namespaces of its own, where it sees a host that was booted by
 * systemd, with version 2 alone, and is given a cgroup to rule.
 */
const boot = `
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs none /run
mkdir -p /run/systemd/system
echo 0 > /sys/fs/cgroup/$1/cgroup.procs
export XDG_RUNTIME_DIR=$2 HOME=$2
unset DBUS_SESSION_BUS_ADDRESS
${systemd} --user > /dev/null 2>&1 &
for try in $(seq 100); do
  [ -S $XDG_RUNTIME_DIR/bus ] && break
  sleep 0.1
done
shift 2
"$@"
`;

describe.runIf(possible)('a real systemd', { timeout: 60_000 }, () => {
  const cgroup = `oci-systemd-test-${process.pid}`;
  const directory = mkdtempSync(join(tmpdir(), 'systemd-'));
  let report: Report;

  beforeAll(() => {
    mkdirSync(join(root ?? '', cgroup));
    const child = fileURLToPath(new URL('real-child.ts', import.meta.url));
    const node = [process.execPath, '--conditions=@oci/source', '--import', 'tsx', child];
    const { stdout, stderr } = spawnSync(
      'unshare',
      [
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        'sh',
        '-c',
        boot,
        'sh',
        cgroup,
        directory,
        ...node,
      ],
      { encoding: 'utf8', timeout: 50_000 },
    );
    if (stdout === '') throw new Error(`nothing was reported: ${stderr}`);
    report = JSON.parse(stdout);
  }, 60_000);

  afterAll(() => {
    removeCgroup(join(root ?? '', cgroup));
    rmSync(directory, { recursive: true });
  });

  const fine = { status: 0, stderr: '' };
  const gone = { LoadState: 'not-found', ActiveState: 'inactive' };

  it('says where its units are', () => {
    expect(report.manager).toBe(`/${cgroup}`);
  });

  it('starts a scope with the process in it', () => {
    expect(report.scope).toEqual(fine);
    expect(report.cgroup).toBe(`/${cgroup}/a.slice/a-b.slice/docker-box.scope`);
  });

  it('takes every property', () => {
    expect(report.properties).toMatchObject({
      Description: 'libcontainer container box',
      Slice: 'a-b.slice',
      Delegate: 'yes',
      DefaultDependencies: 'no',
      ActiveState: 'active',
      MemoryAccounting: 'yes',
      CPUAccounting: 'yes',
      IOAccounting: 'yes',
      TasksAccounting: 'yes',
      MemoryMax: '1048576',
      TasksMax: 'infinity',
      DevicePolicy: 'strict',
      CollectMode: 'inactive-or-failed',
    });
    expect(report.properties.DeviceAllow).toMatch(/^char-\* m/);
  });

  it('takes new limits', () => {
    expect(report.updated).toMatchObject({
      TasksMax: '77',
      CPUQuotaPerSecUSec: '260ms',
      CPUQuotaPeriodUSec: '100ms',
    });
  });

  it('says when there is such a unit already', () => {
    expect(report.again.status).toBe(1);
    expect(report.again.stderr).toContain('systemd: org.freedesktop.systemd1.UnitExists: ');
  });

  it('ends it, and its process', () => {
    expect(report.ended).toBe('SIGTERM');
    expect(report.left).toMatchObject(gone);
  });

  it('lets us set the rest in the cgroup, and replace its device filter', () => {
    expect(report.whole).toEqual(fine);
    expect(report.depth).toBe('5');
    expect([report.filters, report.wholeFilters]).toEqual([1, 1]);
  });

  it('has forgotten the scope when a launcher ends', () => {
    expect(report.end).toEqual(fine);
    expect(report.leftAtEnd).toMatchObject(gone);
    expect(report.endAgain).toEqual(fine);
  });
});

function removeCgroup(path: string): void {
  for (const name of readdirSync(path))
    if (statSync(join(path, name)).isDirectory()) removeCgroup(join(path, name));
  rmdirSync(path);
}
