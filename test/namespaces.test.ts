import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeRootless } from './support/bundle.ts';
import { useBundle } from './support/container.ts';
import { newId, type Outcome, ocirun, run } from './support/ocirun.ts';
import { type NamespaceType, namespaceFiles, Pod } from './support/pod.ts';

const container = useBundle();
const NOBODY = 65534;

const types = Object.keys(namespaceFiles).filter((type) => isType(type));

function isType(type: string): type is NamespaceType {
  return type in namespaceFiles;
}

/** Puts these namespaces into the config: new ones, or joined where they have a path. */
async function withNamespaces(
  namespaces: readonly { type: NamespaceType; path?: string }[],
  more: object = {},
): Promise<void> {
  const named = namespaces.map(({ type }) => type);
  container.bundle.with((config) => {
    if (!named.includes('uts')) delete config.hostname;
    config.mounts = config.mounts.filter(({ destination }: { destination: string }) =>
      ['/proc', '/dev'].includes(destination),
    );
    // Only who makes a mount namespace may mount in it.
    if (!namespaces.some(({ type, path }) => type === 'mount' && path === undefined)) {
      config.mounts = [];
      config.root.readonly = false;
      config.linux.maskedPaths = config.linux.readonlyPaths = [];
    }
    for (const key of ['uidMappings', 'gidMappings']) delete config.linux[key];
    Object.assign(config.linux, { namespaces, ...more });
  });
  await run('chmod', ['-R', 'a+rX', container.bundle.path]);
}

/** The container's namespaces, by type. */
async function links(...flags: string[]): Promise<Record<string, string>> {
  const listed = await container.prints(
    `cd /proc/self/ns; for f in ${types.map((type) => namespaceFiles[type]).join(' ')}; do busybox readlink $f; done`,
    ...flags,
  );
  return Object.fromEntries(listed.split('\n').map((link, index) => [types[index], link]));
}

/** Runs the bundle as nobody, with a state directory of their own. */
async function asNobody(): Promise<Outcome> {
  const root = join(container.bundle.path, 'state');
  mkdirSync(root, { recursive: true });
  await run('chmod', ['-R', 'a+rX', container.bundle.path]);
  await run('chown', [`${NOBODY}:${NOBODY}`, root]);
  const args = ['--root', root, 'run', '-b', container.bundle.path, newId()];
  return ocirun(args, { uid: NOBODY, gid: NOBODY, cwd: '/' });
}

const map = (hostID: number, size = 65_536) => {
  const mappings = [{ containerID: 0, hostID, size }];
  return { uidMappings: mappings, gidMappings: mappings };
};

describe('linux.namespaces joined by path', () => {
  let pod: Pod;
  beforeAll(async () => {
    pod = await Pod.start();
  });
  afterAll(() => pod.stop());

  it.each(types.filter((type) => type !== 'user'))('%s', async (type) => {
    const others = type === 'mount' ? [] : [{ type: 'mount' as const }];
    await withNamespaces([...others, { type, path: pod.path(type) }]);
    if (type === 'mount') {
      const proc = join(container.bundle.rootfs, 'proc');
      await run('nsenter', ['-m', '-t', `${pod.pid}`, 'mount', '-t', 'proc', 'proc', proc]);
    }
    const seen = await links();
    expect(seen[type]).toBe(pod.link(type));
    for (const other of types.filter((each) => each !== type && each !== 'mount'))
      expect([other, seen[other]]).toEqual([
        other,
        readlinkSync(`/proc/self/ns/${namespaceFiles[other]}`),
      ]);
  });

  it('pid, of which it is not the first process, but still a child of its launcher', async () => {
    await withNamespaces([{ type: 'mount' }, { type: 'pid', path: pod.path('pid') }]);
    expect(Number(await container.prints('echo $$'))).toBeGreaterThan(1);
    container.bundle.script('exit 7');
    const { status } = await ocirun(['run', '-b', container.bundle.path, newId()]);
    expect(status).toBe(7);
  });

  it('all at once', async () => {
    const joined = types.filter((type) => type !== 'user' && type !== 'mount');
    const entries = joined.map((type) => ({ type, path: pod.path(type) }));
    await withNamespaces([{ type: 'mount' }, ...entries]);
    const seen = await links();
    for (const type of joined) expect([type, seen[type]]).toEqual([type, pod.link(type)]);
  });

  it('from a new user namespace, which does not own them', async () => {
    const joined = types.filter((type) => !['user', 'mount', 'pid'].includes(type));
    const entries = joined.map((type) => ({ type, path: pod.path(type) }));
    await withNamespaces(
      [{ type: 'user' }, { type: 'mount' }, { type: 'pid' }, ...entries],
      map(200_000),
    );
    container.bundle.with((config) => {
      // The name of somebody else's uts namespace is not the container's to set.
      delete config.hostname;
    });
    const seen = await links();
    for (const type of joined) expect([type, seen[type]]).toEqual([type, pod.link(type)]);
    expect(seen.user).not.toBe(readlinkSync('/proc/self/ns/user'));
  });

  it.each(types)('refuses a namespace of another type: %s', async (type) => {
    const other = type === 'ipc' ? 'uts' : 'ipc';
    const others = type === 'mount' ? [] : [{ type: 'mount' as const }];
    await withNamespaces([{ type, path: pod.path(other) }, ...others]);
    expect(await container.refusal()).toBe(
      `ocirun: linux.namespaces[0].path: ${pod.path(other)} is not ${type === 'ipc' ? 'an' : 'a'} ${type} namespace`,
    );
  });

  it.each(['FIFO', 'file', 'directory', 'device'])('refuses a %s', async (kind) => {
    const path = join(container.bundle.path, 'thing');
    if (kind === 'FIFO') execFileSync('mkfifo', [path]);
    if (kind === 'file') writeFileSync(path, '');
    if (kind === 'directory') mkdirSync(path);
    if (kind === 'device') execFileSync('mknod', [path, 'c', '1', '3']);
    for (const type of ['network', 'pid'] as const) {
      await withNamespaces([{ type: 'mount' }, { type, path }]);
      expect(await container.refusal()).toBe(
        `ocirun: linux.namespaces[1].path: ${path} is not a ${type} namespace`,
      );
    }
  });

  it.each(['uts', 'user', 'pid'] as const)('refuses a path that is not there: %s', async (type) => {
    await withNamespaces([{ type: 'mount' }, { type, path: '/proc/self/ns/none' }]);
    expect(await container.refusal()).toBe(
      'ocirun: linux.namespaces[1].path: open /proc/self/ns/none: openat: no such file or directory',
    );
  });

  it('refuses network parameters of the host', async () => {
    const sysctl = { 'net.ipv4.ip_default_ttl': '63' };
    const before = readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8');
    await withNamespaces([{ type: 'mount' }, { type: 'network', path: '/proc/self/ns/net' }], {
      sysctl,
    });
    expect(await container.refusal()).toBe(
      'ocirun: linux.sysctl["net.ipv4.ip_default_ttl"]: is not allowed in the network namespace of the host',
    );
    expect(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8')).toBe(before);
    await withNamespaces([{ type: 'mount' }, { type: 'network', path: pod.path('network') }], {
      sysctl,
    });
    expect(await container.prints('cat /proc/sys/net/ipv4/ip_default_ttl')).toBe('63');
  });
});

describe('linux.namespaces with a user namespace joined by path', () => {
  let pod: Pod | undefined;
  afterEach(async () => {
    await pod?.stop();
    pod = undefined;
  });

  it('are those of a pod', async () => {
    pod = await Pod.start(100_000);
    const joined = ['user', 'pid', 'network', 'ipc', 'uts'] as const;
    const entries = joined.map((type) => ({ type, path: pod?.path(type) ?? '' }));
    await withNamespaces([...entries, { type: 'mount' }]);
    const seen = await links();
    for (const type of joined) expect([type, seen[type]]).toEqual([type, pod.link(type)]);
    expect(await container.prints('id -u; cat /proc/self/uid_map')).toMatch(
      /^0\n\s*0\s+100000\s+65536$/,
    );
  });

  it('without groups, where its maker has given them up', async () => {
    pod = await Pod.start('own');
    await withNamespaces([{ type: 'user', path: pod.path('user') }, { type: 'mount' }]);
    container.bundle.with(({ mounts }) => {
      for (const { options } of mounts) options?.splice(0, 9, 'nosuid');
    });
    expect(await container.prints('id -u; cat /proc/self/setgroups')).toBe('0\ndeny');
    container.bundle.with(({ process }) => {
      process.user = { uid: 0, gid: 0, additionalGids: [0] };
    });
    expect(await container.refusal()).toBe(
      'ocirun: process.user: become 0:0: setgroups: operation not permitted',
    );
  });

  it('are new, and belong to it', async () => {
    pod = await Pod.start(100_000);
    await withNamespaces([
      { type: 'user', path: pod.path('user') },
      { type: 'mount' },
      { type: 'pid' },
      { type: 'uts' },
    ]);
    // Which is who may set this.
    container.bundle.with((config) => {
      config.hostname = 'joined';
    });
    expect(await container.prints('hostname; echo $$')).toBe('joined\n1');
  });

  it('are those of somebody else, too', async () => {
    pod = await Pod.start(100_000);
    const other = await Pod.start();
    try {
      await withNamespaces([
        { type: 'user', path: pod.path('user') },
        { type: 'mount' },
        { type: 'pid' },
        { type: 'network', path: other.path('network') },
      ]);
      const seen = await links();
      expect([seen.user, seen.network]).toEqual([pod.link('user'), other.link('network')]);
    } finally {
      await other.stop();
    }
  });

  it('are those of an ordinary user’s pod', async () => {
    pod = await Pod.start('own', NOBODY);
    const joined = ['user', 'pid', 'network', 'ipc'] as const;
    const entries = joined.map((type) => ({ type, path: pod?.path(type) ?? '' }));
    await withNamespaces([...entries, { type: 'mount' }, { type: 'uts' }]);
    container.bundle.script(
      `id -u; for f in ${joined.map((type) => namespaceFiles[type]).join(' ')}; do busybox readlink /proc/self/ns/$f; done`,
    );
    const { stdout, stderr, status } = await asNobody();
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout.trim().split('\n')).toEqual(['0', ...joined.map((type) => pod?.link(type))]);
  });

  it('is not the one that the runtime is in', async () => {
    await withNamespaces([{ type: 'mount' }, { type: 'user', path: '/proc/self/ns/user' }]);
    expect(await container.refusal()).toBe(
      'ocirun: linux.namespaces[1].path: /proc/self/ns/user is the user namespace that the runtime is in',
    );
  });
});

describe('linux.timeOffsets', () => {
  const offsets = {
    monotonic: { secs: 7200, nanosecs: 5 },
    boottime: { secs: -60 },
  };
  const lines = (text: string) => text.split('\n').map((line) => line.trim().split(/\s+/));
  const set = [
    ['monotonic', '7200', '5'],
    ['boottime', '-60', '0'],
  ];
  const uptime = (text: string) => Number(text.split(' ')[0]);
  const hostUptime = () => uptime(readFileSync('/proc/uptime', 'utf8'));

  it.each(['of the runtime', 'of a new user namespace'])('are those %s', async (whose) => {
    const users = whose === 'of the runtime' ? [] : [{ type: 'user' as const }];
    const before = hostUptime();
    await withNamespaces([...users, { type: 'mount' }, { type: 'pid' }, { type: 'time' }], {
      timeOffsets: offsets,
      ...(users.length > 0 && map(100_000)),
    });
    const [up = '', ...rest] = (
      await container.prints('cat /proc/uptime /proc/self/timens_offsets')
    ).split('\n');
    expect(lines(rest.join('\n'))).toEqual(set);
    // Seconds since the host's start, less sixty.
    expect(uptime(up)).toBeGreaterThan(before - 60 - 1);
    expect(uptime(up)).toBeLessThan(hostUptime() - 60 + 1);
  });

  it('are those of an ordinary user', async () => {
    await withNamespaces([{ type: 'mount' }, { type: 'pid' }, { type: 'uts' }, { type: 'time' }], {
      timeOffsets: offsets,
    });
    container.bundle.with((config) => makeRootless(config, NOBODY, NOBODY));
    container.bundle.script('cat /proc/self/timens_offsets');
    const { stdout, stderr } = await asNobody();
    expect(stderr).toBe('');
    expect(lines(stdout.trim())).toEqual(set);
  });

  it('cannot set a clock to before its start', async () => {
    await withNamespaces([{ type: 'mount' }, { type: 'time' }], {
      timeOffsets: { boottime: { secs: -1e9 } },
    });
    expect(await container.refusal()).toBe(
      'ocirun: linux.timeOffsets.boottime: sets the clock to before its start, or to more than 146 years after',
    );
  });
});

describe('linux.netDevices', () => {
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });
  const [device, peer] = ['octest0', 'octest1'];

  /** A device with a permanent address of each family and one of local scope. */
  function makeDevice(): void {
    ip('link', 'add', device, 'mtu', '1400', 'type', 'veth', 'peer', 'name', peer);
    ip('addr', 'add', '192.0.2.1/24', 'dev', device);
    ip('addr', 'add', '198.51.100.1/24', 'scope', 'link', 'dev', device);
    ip('addr', 'add', '2001:db8::1/64', 'nodad', 'dev', device);
  }

  const devices = (name?: string) => ({
    netDevices: { [device]: name === undefined ? {} : { name } },
  });
  const show = 'busybox ip addr show';
  const addresses = (text: string) =>
    [...text.matchAll(/inet6? (\S+).* scope global/g)].map(([, address]) => address);

  afterEach(() => run('ip', ['link', 'del', peer]));

  it.each([
    ['octest0', undefined],
    ['ctr0', 'ctr0'],
    ['eth0', 'eth%d'],
  ])('are moved with their addresses, and set up: %s', async (name, wanted) => {
    makeDevice();
    await withNamespaces([{ type: 'mount' }, { type: 'network' }], devices(wanted));
    const seen = await container.prints(`${show} ${name}`);
    expect(seen).toMatch(/<[^>]*\bUP\b[^>]*> mtu 1400 /);
    expect(addresses(seen)).toEqual(['192.0.2.1/24', '2001:db8::1/64']);
  });

  it('are moved to a new user namespace’s network, and to one that is joined', async () => {
    makeDevice();
    await withNamespaces(
      [{ type: 'user' }, { type: 'mount' }, { type: 'pid' }, { type: 'network' }],
      { ...devices('ctr0'), ...map(100_000) },
    );
    expect(addresses(await container.prints(`${show} ctr0`))).toHaveLength(2);
    await expect.poll(() => run('ip', ['link', 'show', peer])).toMatchObject({ status: 1 });

    makeDevice();
    const pod = await Pod.start();
    try {
      const network = { type: 'network' as const, path: pod.path('network') };
      await withNamespaces([{ type: 'mount' }, network], devices('ctr0'));
      expect(addresses(await container.prints(`${show} ctr0`))).toHaveLength(2);
    } finally {
      await pod.stop();
    }
  });

  it('are back when the start fails', async () => {
    makeDevice();
    const before = addresses(ip('addr', 'show', device));
    await withNamespaces([{ type: 'mount' }, { type: 'network' }], devices('ctr0'));
    container.bundle.with(({ process }) => {
      process.args = ['/no/such'];
    });
    expect(await container.refusal()).toContain('/no/such');
    expect(addresses(ip('addr', 'show', device))).toEqual(before);
  });

  it('are refused: none of this name, one that cannot move, a name that is taken', async () => {
    makeDevice();
    const refused = async (netDevices: object) => {
      await withNamespaces([{ type: 'mount' }, { type: 'network' }], { netDevices });
      return container.refusal();
    };
    expect(await refused({ none0: {} })).toBe(
      'ocirun: linux.netDevices["none0"]: ioctl: no such device',
    );
    expect(await refused({ lo: { name: 'lo0' } })).toBe(
      'ocirun: linux.netDevices["lo"]: move: invalid argument',
    );
    expect(await refused({ [device]: { name: 'lo' } })).toBe(
      `ocirun: linux.netDevices["${device}"]: the network namespace already has a device called lo`,
    );
    expect(addresses(ip('addr', 'show', device))).toHaveLength(2);
  });
});

describe('linux.uidMappings and linux.gidMappings of an ordinary user', () => {
  const tables = ['/etc/subuid', '/etc/subgid'];
  const before = tables.map((file) => readFileSync(file));
  afterEach(() => {
    for (const [index, file] of tables.entries()) writeFileSync(file, before[index] ?? '');
  });

  const ranges = [
    { containerID: 0, hostID: NOBODY, size: 1 },
    { containerID: 1, hostID: 300_000, size: 1000 },
  ];

  async function mapped(): Promise<Outcome> {
    await withNamespaces([{ type: 'user' }, { type: 'mount' }, { type: 'pid' }], {
      uidMappings: ranges,
      gidMappings: ranges,
    });
    container.bundle.with(({ process }) => {
      process.user = { uid: 5, gid: 6, additionalGids: [7, 900] };
    });
    container.bundle.script('id -u; id -G; cat /proc/self/uid_map /proc/self/gid_map');
    chmodSync(container.bundle.path, 0o755);
    return asNobody();
  }

  it('are those that newuidmap and newgidmap allow', async () => {
    for (const file of tables) writeFileSync(file, 'nobody:300000:65536\n');
    const { stdout, stderr } = await mapped();
    expect(stderr).toBe('');
    const [uid, groups, ...maps] = stdout.trim().split('\n');
    expect([uid, groups]).toEqual(['5', '6 7 900']);
    const map = [
      [0, NOBODY, 1],
      [1, 300_000, 1000],
    ];
    expect(maps.map((line) => line.trim().split(/\s+/).map(Number))).toEqual([...map, ...map]);
  });

  it('are refused when they do not', async () => {
    for (const file of tables) writeFileSync(file, '');
    const { status, stderr } = await mapped();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^newuidmap: uid range .* not allowed\n/);
    expect(stderr).toMatch(/\nocirun: linux\.uidMappings: run \S*\/newuidmap: failed\n$/);
  });
});
