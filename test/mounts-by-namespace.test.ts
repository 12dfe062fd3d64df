import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { withTmpfs } from './support/host-mount.ts';
import { parseMountinfo } from './support/mountinfo.ts';
import { useUserNamespace } from './support/user-namespace.ts';

const container = useBundle();

/** A directory beside the rootfs, with a file in it. */
function volume(name = 'vol'): string {
  const path = join(container.bundle.path, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'file'), 'content');
  return path;
}

function add(...mounts: object[]): void {
  container.bundle.with((config) => config.mounts.push(...mounts));
}

const bind = (destination: string, ...options: string[]) => ({
  destination,
  source: 'vol',
  options,
});

/** The container's mounts, as it sees them. */
async function mounts() {
  return parseMountinfo(await container.prints('cat /proc/self/mountinfo'));
}

describe('in a user namespace', () => {
  const without = (type: string) =>
    container.bundle.with(({ linux }) => {
      linux.namespaces = linux.namespaces.filter((entry: { type: string }) => entry.type !== type);
    });

  it('a bind mount’s source may be out of its reach', async () => {
    const vol = volume('private/vol');
    useUserNamespace(container.bundle, 'bound', 'other');
    chownSync(join(container.bundle.path, 'private'), 1234, 1234);
    chmodSync(join(container.bundle.path, 'private'), 0o700);
    add({ destination: '/bound', source: vol, options: ['rbind', 'ro'] });
    expect(await container.prints('cat /bound/file')).toBe('content');
    expect((await mounts()).get('/bound')?.options).toContain('ro');
  });

  it('flags of the host’s mounts are kept, and cannot be taken away', async () => {
    const vol = volume();
    useUserNamespace(container.bundle, 'bound', 'other');
    await withTmpfs(vol, 'nosuid,nodev,noexec,noatime,mode=755', async () => {
      add(bind('/bound', 'rbind', 'ro'));
      const kept = ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'];
      expect((await mounts()).get('/bound')?.options).toEqual(kept);
      add(bind('/other', 'rbind', 'exec'));
      expect(await container.refusal()).toContain('mounts[7]: bind');
    });
  });

  it('/sys is the host’s, read-only and without cgroups, where there is no network namespace', async () => {
    useUserNamespace(container.bundle, 'bound', 'other');
    without('network');
    const all = await mounts();
    expect(all.get('/sys')).toMatchObject({ type: 'sysfs' });
    for (const [path, { options }] of all)
      if (path.startsWith('/sys')) expect([path, options[0]]).toEqual([path, 'ro']);
    expect(await container.prints('ls /sys/fs/cgroup; ls -d /sys/kernel')).toBe('/sys/kernel');
  });

  it('/proc is the host’s where there is no PID namespace', async () => {
    useUserNamespace(container.bundle, 'bound', 'other');
    without('pid');
    container.bundle.with(({ linux }) => {
      linux.maskedPaths = linux.readonlyPaths = [];
    });
    expect((await mounts()).get('/proc')?.type).toBe('proc');
    expect(await container.prints(`ls -d /proc/${process.pid}`)).toBe(`/proc/${process.pid}`);
  });

  it('paths are masked and read-only', async () => {
    useUserNamespace(container.bundle, 'bound', 'other');
    const seen = await container.prints(
      'cat /proc/timer_list | wc -c; ls /sys/firmware | wc -l; (echo 1 > /proc/sys/kernel/panic) 2>&1 | wc -l',
    );
    expect(seen.split('\n')).toEqual(['0', '0', '1']);
  });
});

describe('a cgroup mount', () => {
  const options = ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'];
  const cgroup = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options };

  it.each([
    ['the container’s cgroups, as the roots of its namespace', true],
    ['the container’s cgroups, bound', false],
  ])('is %s', async (_, namespace) => {
    if (namespace) container.bundle.with(({ linux }) => linux.namespaces.push({ type: 'cgroup' }));
    add(cgroup);
    const seen = [...(await mounts())].filter(([path]) => path.startsWith('/sys/fs/cgroup'));
    expect(seen.length).toBeGreaterThan(0);
    for (const [path, { options }] of seen)
      expect([path, options]).toEqual([path, expect.arrayContaining(['ro', 'nosuid', 'nodev'])]);
    const hierarchies = seen.filter(([, { type }]) => /^cgroup/.test(type));
    expect(hierarchies.length).toBeGreaterThan(0);
    for (const [, { root }] of hierarchies)
      if (namespace) expect(root).toBe('/');
      else expect(root).toMatch(/^\/test-/);
  });

  it('shows the container’s own processes', async () => {
    add({ ...cgroup, options: options.filter((option) => option !== 'ro') });
    const script =
      'cat $(busybox find /sys/fs/cgroup -name cgroup.procs | busybox head -n 1) | wc -l';
    expect(Number(await container.prints(script))).toBeGreaterThan(1);
  });
});

describe('a mount namespace', () => {
  const mountsOf = (pid: number | undefined) => readFile(`/proc/${pid}/mountinfo`, 'utf8');

  /** Nothing that would have to be mounted. */
  function mountNothing(namespace?: object): void {
    container.bundle.with((config) => {
      config.mounts = [];
      config.root.readonly = false;
      const { linux } = config;
      linux.maskedPaths = linux.readonlyPaths = [];
      linux.namespaces = linux.namespaces.filter(
        (entry: { type: string }) => entry.type !== 'mount',
      );
      if (namespace) linux.namespaces.push(namespace);
    });
  }

  it('is not needed for nothing but a rootfs', async () => {
    mountNothing();
    const seen = await container.prints('echo /*; stat -c %t:%T /dev/null; ls -d ..');
    expect(seen).toBe('/bin /dev /etc /proc /root /sys /tmp\n1:3\n..');
  });

  it('is joined by path', async () => {
    const other = spawn('unshare', ['--mount', 'sh', '-c', 'echo ready; exec sleep 60']);
    try {
      await once(other.stdout, 'data');
      mountNothing({ type: 'mount', path: `/proc/${other.pid}/ns/mnt` });
      const before = await mountsOf(other.pid);
      expect(await container.prints('echo /*')).toBe('/bin /dev /etc /proc /root /sys /tmp');
      expect(await mountsOf(other.pid)).toBe(before);
    } finally {
      other.kill();
    }
  });

  it('is needed for mounts', async () => {
    mountNothing();
    add({ destination: '/x', type: 'tmpfs' });
    container.bundle.with(({ root }) => {
      root.readonly = true;
    });
    expect(await container.refusal()).toContain('mounts: needs a new mount namespace');
  });
});

describe('--no-pivot', () => {
  it('enters the rootfs all the same, without the host’s procfs', async () => {
    const script = 'echo /*; ls -d ..; busybox grep -c " - proc " /proc/self/mountinfo';
    container.bundle.with(({ linux }) => {
      linux.maskedPaths = linux.readonlyPaths = [];
    });
    expect(await container.prints(script, '--no-pivot')).toBe(
      '/bin /dev /etc /proc /root /sys /tmp\n..\n1',
    );
  });
});
