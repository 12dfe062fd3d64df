import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig, parseFeatures } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../store/support.ts';
import { FakeWorld } from './support.ts';

describe('spec', () => {
  it.each(['-b', '--bundle'])(
    'writes a config into the bundle named with %s, once',
    async (flag) => {
      const bundle = temporaryDirectory();
      const world = new FakeWorld();
      expect(await world.run('spec', flag, bundle)).toEqual({ status: 0, stdout: '', stderr: '' });
      const text = readFileSync(join(bundle, 'config.json'), 'utf8');
      expect(text).toMatch(/^\{\n\t"ociVersion": "1\.3\.0",\n/);
      expect(parseConfig(text).process?.args).toEqual(['sh']);
      expect(await world.run('spec', flag, bundle)).toEqual({
        ...{ status: 1, stdout: '', stderr: 'ocirun: File config.json exists. Remove it first\n' },
      });
      expect(readFileSync(join(bundle, 'config.json'), 'utf8')).toBe(text);
    },
  );

  it('writes one for users without privileges', async () => {
    const bundle = temporaryDirectory();
    await new FakeWorld().run('spec', '--rootless', '-b', bundle);
    const { linux } = parseConfig(readFileSync(join(bundle, 'config.json'), 'utf8'));
    const hostID = process.geteuid?.();
    expect(linux?.uidMappings).toEqual([{ containerID: 0, hostID, size: 1 }]);
    expect(linux?.namespaces).toContainEqual({ type: 'user' });
  });

  it('says why it cannot', async () => {
    const { status, stderr } = await new FakeWorld().run('spec', '-b', '/nonexistent');
    expect(status).toBe(1);
    expect(stderr).toBe('ocirun: open /nonexistent/config.json: no such file or directory\n');
  });
});

describe('features', () => {
  it('is what the specification asks for, and claims nothing that is not there', async () => {
    const { status, stdout } = await new FakeWorld().run('features');
    expect(status).toBe(0);
    const features = parseFeatures(stdout);
    expect(features).toMatchObject({
      ociVersionMin: '1.0.0',
      ociVersionMax: '1.3.0',
      hooks: [],
      linux: {
        cgroup: { v1: true, v2: true, rdma: true },
        seccomp: { enabled: true },
        apparmor: { enabled: true },
        selinux: { enabled: true },
        netDevices: { enabled: true },
      },
    });
    expect(features.linux?.capabilities).toContain('CAP_CHECKPOINT_RESTORE');
    expect(features.linux?.capabilities).toHaveLength(41);
    expect(features.linux?.namespaces).toContain('pid');
    expect(features.mountOptions).toEqual(expect.arrayContaining(['bind', 'ro', 'rprivate']));
    expect(features.linux?.seccomp?.actions).toContain('SCMP_ACT_NOTIFY');
    expect(features.linux?.seccomp?.archs).toContain('SCMP_ARCH_X32');
    expect(features.linux?.seccomp?.knownFlags).toHaveLength(4);
    expect(features.mountOptions).toContain('idmap');
    expect(features.mountOptions).toEqual([...(features.mountOptions ?? [])].sort());
  });
});
