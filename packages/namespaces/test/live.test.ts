import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fd, type Pid, Provision } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinStages, netDeviceStages, sysctlStages, userMapStages } from '../src/index.ts';
import { configWith } from './config.ts';

const isRoot = process.getuid?.() === 0;
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'namespaces-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function joinNetwork(path: string): void {
  const [stage] = joinStages(configWith({ namespaces: [{ type: 'network', path }] }));
  stage?.run(new LiveKernel());
}

describe('joinStages, live', () => {
  it('tells a namespace of another type', () => {
    expect(() => joinNetwork('/proc/self/ns/uts')).toThrow(
      /^linux\.namespaces\[0\]\.path: \/proc\/self\/ns\/uts is not a network namespace$/,
    );
  });

  it('tells a file that is no namespace', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(() => joinNetwork(file)).toThrow(`${file} is not a network namespace`);
  });
});

describe.runIf(isRoot)('userMapStages, live', () => {
  it('maps the user namespace of another process', async () => {
    const child = spawn('unshare', ['--user', 'sleep', '60'], { stdio: 'ignore' });
    try {
      const number = child.pid;
      if (number === undefined) throw new Error('unshare did not start');
      const own = readlinkSync('/proc/self/ns/user');
      await expect.poll(() => readlinkSync(`/proc/${number}/ns/user`)).not.toBe(own);
      const pid = new Provision<Pid>('container pid');
      pid.provide(number);
      const config = configWith({
        namespaces: [{ type: 'user' }],
        uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
        gidMappings: [{ containerID: 0, hostID: 2000, size: 20 }],
      });
      const context = { rootless: false, setgroups: true, euid: 0, egid: 0 };
      const [map] = userMapStages(config, context, pid);
      map?.run(new LiveKernel());
      const mapped = (file: string) => readFileSync(`/proc/${number}/${file}`, 'utf8').trim();
      expect(mapped('uid_map').split(/\s+/)).toEqual(['0', '1000', '10']);
      expect(mapped('gid_map').split(/\s+/)).toEqual(['0', '2000', '20']);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});

describe.runIf(isRoot)('sysctlStages, live', () => {
  it('writes a parameter, and finds none that is not there', () => {
    const key = 'net.ipv4.ip_default_ttl';
    const value = readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8').trim();
    const set = (name: string, to: string) => () => {
      for (const stage of sysctlStages(configWith({ sysctl: { [name]: to } }))) {
        stage.run(new LiveKernel());
      }
    };
    expect(set(key, value)).not.toThrow();
    expect(set(key, 'nonsense')).toThrow(`linux.sysctl["${key}"]: set to nonsense: write:`);
    expect(set('net.ipv4.no_such', '1')).toThrow('openat2: no such file or directory');
  });
});

const hasIp = spawnSync('ip', ['-V']).status === 0;

/** Debian's iproute2 makes the devices. */
describe.runIf(isRoot && hasIp)('netDeviceStages, live', () => {
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });

  it('moves a device with the addresses that stay with it, and back when the start fails', async () => {
    const child = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
    const [name, peer] = [`oci${process.pid}a`, `oci${process.pid}b`];
    ip('link', 'add', name, 'mtu', '1400', 'type', 'veth', 'peer', 'name', peer);
    try {
      ip('addr', 'add', '192.0.2.1/24', 'dev', name, 'label', `${name}:x`);
      ip('addr', 'add', '192.0.2.2', 'peer', '192.0.2.9', 'dev', name);
      ip('addr', 'add', '198.51.100.1/24', 'scope', 'link', 'dev', name);
      ip('addr', 'add', '203.0.113.1/24', 'valid_lft', '900', 'preferred_lft', '900', 'dev', name);
      ip('addr', 'add', '2001:db8::1/64', 'nodad', 'dev', name);
      ip('link', 'set', name, 'up');
      const number = child.pid;
      if (number === undefined) throw new Error('unshare did not start');
      const own = readlinkSync('/proc/self/ns/net');
      await expect.poll(() => readlinkSync(`/proc/${number}/ns/net`)).not.toBe(own);
      const before = addresses(ip('-o', 'addr', 'show', 'dev', name));
      expect(before).toHaveLength(5);

      const k = new LiveKernel();
      const move = () => {
        const [containerPid, containerPidfd] = [new Provision<Pid>('pid'), new Provision<Fd>('fd')];
        containerPid.provide(number);
        containerPidfd.provide(k.pidfd_open(number));
        const moved = new Provision<void>('moved');
        const provisions = { containerPid, containerPidfd, entered: [], moved };
        const config = configWith({ netDevices: { [name]: { name: 'ctr%d' } } });
        for (const stage of netDeviceStages(config, provisions)) stage.run(k);
      };
      const fail = () => {
        move();
        throw new Error('later');
      };
      expect(() => k.transaction(fail)).toThrow('later');
      expect(readlinkSync('/proc/thread-self/ns/net')).toBe(own);
      expect(addresses(ip('-o', 'addr', 'show', 'dev', name))).toEqual(before);

      move();
      expect(ip('-o', 'link')).not.toContain(name);
      const inside = (...args: string[]) =>
        execFileSync('nsenter', ['-n', '-t', String(number), 'ip', ...args], { encoding: 'utf8' });
      expect(inside('-o', 'link', 'show', 'dev', 'ctr0')).toMatch(/<[^>]*\bUP\b.* mtu 1400 /);
      expect(addresses(inside('-o', 'addr', 'show', 'dev', 'ctr0', 'scope', 'global'))).toEqual([
        '192.0.2.1/24 ctr0',
        '192.0.2.2 ctr0',
        '2001:db8::1/64',
      ]);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
      // It went with its namespace, once it was there.
      spawnSync('ip', ['link', 'del', peer]);
    }
  });
});

/** Address and label of each line, without the link-local one that the kernel makes by itself. */
function addresses(listed: string): string[] {
  return listed
    .split('\n')
    .flatMap((line) => {
      const [, address, label] = / inet6? (\S+) .*scope \S+ (?:\w+ )*?([\w:]+)?\\/.exec(line) ?? [];
      if (address === undefined || address.startsWith('fe80')) return [];
      return label === undefined || line.includes(' inet6 ') ? [address] : [`${address} ${label}`];
    })
    .sort();
}
