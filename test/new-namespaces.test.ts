import { chmodSync, chownSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';

const container = useBundle();

/** Each type of config-linux.md, "Namespaces", and its name in /proc/PID/ns. */
const types = [
  ['pid', 'pid'],
  ['network', 'net'],
  ['mount', 'mnt'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['user', 'user'],
  ['cgroup', 'cgroup'],
  ['time', 'time'],
] as const;

const mapAll = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

/** Leaves the namespaces of these types, and mounts that need no other. */
function withNamespaces(...names: string[]): void {
  container.bundle.with((config) => {
    delete config.hostname;
    config.mounts = config.mounts.filter(({ destination }: { destination: string }) =>
      ['/proc', '/dev'].includes(destination),
    );
    config.linux.namespaces = names.map((type) => ({ type }));
    if (names.includes('user'))
      Object.assign(config.linux, { uidMappings: mapAll, gidMappings: mapAll });
  });
}

async function seen(): Promise<Record<string, string>> {
  const files = types.map(([, file]) => file);
  const links = await container.prints(
    `cd /proc/self/ns; for f in ${files.join(' ')}; do busybox readlink $f; done`,
  );
  return Object.fromEntries(links.split('\n').map((link, index) => [files[index], link]));
}

const ofHost = () =>
  Object.fromEntries(types.map(([, file]) => [file, readlinkSync(`/proc/self/ns/${file}`)]));

describe('linux.namespaces', () => {
  // Root of a user namespace mounts a procfs of a pid namespace of its own only.
  it.each(types.map(([type, file]) => [type, file] as const))('new: %s', async (type, file) => {
    const others = type === 'user' ? ['mount', 'pid'] : type === 'mount' ? [] : ['mount'];
    withNamespaces(...others, type);
    const changed = types.filter(([name]) => [...others, type].includes(name)).map(([, it]) => it);
    const [inside, host] = [await seen(), ofHost()];
    for (const [, name] of types)
      expect([name, inside[name] !== host[name]]).toEqual([name, changed.includes(name)]);
    expect(inside[file]).toMatch(new RegExp(`^${file}:\\[\\d+\\]$`));
  });

  it('new: cgroup, rooted where the container is', async () => {
    withNamespaces('mount', 'cgroup');
    const paths = (await container.prints('cat /proc/self/cgroup')).split('\n');
    expect(paths.length).toBeGreaterThan(0);
    for (const line of paths) expect(line).toMatch(/^\d+:[^:]*:\/$/);
  });
});

describe('linux.uidMappings and linux.gidMappings', () => {
  const uidMappings = [
    { containerID: 0, hostID: 100_000, size: 1000 },
    { containerID: 5000, hostID: 200_000, size: 10 },
  ];
  const gidMappings = [{ containerID: 0, hostID: 300_000, size: 2000 }];
  const lines = (map: string) =>
    map.split('\n').map((line) => line.trim().split(/\s+/).map(Number));

  it('are those of the container', async () => {
    withNamespaces('mount', 'pid', 'user');
    container.bundle.with(({ linux }) => Object.assign(linux, { uidMappings, gidMappings }));
    expect(lines(await container.prints('cat /proc/self/uid_map'))).toEqual([
      [0, 100_000, 1000],
      [5000, 200_000, 10],
    ]);
    expect(lines(await container.prints('cat /proc/self/gid_map'))).toEqual([[0, 300_000, 2000]]);
  });

  it('own the files of the host', async () => {
    withNamespaces('mount', 'pid', 'user');
    container.bundle.with(({ linux, process }) => {
      Object.assign(linux, { uidMappings, gidMappings });
      process.user = { uid: 5003, gid: 1003 };
    });
    const { rootfs } = container.bundle;
    for (const [name, uid, gid] of [
      ['mapped', 200_003, 301_003],
      ['unmapped', 1, 1],
    ] as const) {
      writeFileSync(join(rootfs, name), '');
      chownSync(join(rootfs, name), uid, gid);
    }
    chmodSync(join(rootfs, 'mapped'), 0o600);
    expect(
      await container.prints('cat /mapped; id -u; id -g; stat -c %u:%g /mapped /unmapped'),
    ).toBe('5003\n1003\n5003:1003\n65534:65534');
  });
});
