import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pid, Provision } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinStages, sysctlStages, userMapStages } from '../src/index.ts';
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
