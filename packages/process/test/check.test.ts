import type { Config, Process } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { checkProcess, type ProcessContext } from '../src/index.ts';
import { bare, configWith, contextWith } from './config.ts';

function issues(
  process: Partial<Process>,
  linux: Config['linux'] = {},
  context: Partial<ProcessContext> = {},
): string[] {
  const findings = checkProcess(configWith({ ...bare, ...process }, linux), contextWith(context));
  return findings.issues.map(({ path, message }) => `${path}: ${message}`);
}

const mapped: Config['linux'] = {
  namespaces: [{ type: 'user' }],
  uidMappings: [
    { containerID: 0, hostID: 1000, size: 10 },
    { containerID: 100, hostID: 5000, size: 1 },
  ],
  gidMappings: [{ containerID: 0, hostID: 1000, size: 5 }],
};

describe('checkProcess', () => {
  it('finds nothing in little', () => {
    expect(issues({})).toEqual([]);
    expect(issues({ apparmorProfile: '', selinuxLabel: '' })).toEqual([]);
  });

  it('refuses labels whose module is absent, each by its path', () => {
    const labels = { apparmorProfile: 'docker-default', selinuxLabel: 'x' };
    const none = { apparmor: false, selinux: false };
    const apparmor =
      'process.apparmorProfile: asks for AppArmor, which is not enabled on this host';
    const selinux = 'process.selinuxLabel: asks for SELinux, which is not enabled on this host';
    expect(issues(labels)).toEqual([apparmor, selinux]);
    expect(issues(labels, {}, { lsm: none })).toEqual([apparmor, selinux]);
    expect(issues(labels, {}, { lsm: { ...none, apparmor: true } })).toEqual([selinux]);
    expect(issues(labels, {}, { lsm: { ...none, selinux: true } })).toEqual([apparmor]);
    expect(issues(labels, {}, { lsm: { apparmor: true, selinux: true } })).toEqual([]);
  });

  it('refuses ids that the user namespace does not map', () => {
    expect(issues({ user: { uid: 100, gid: 4, additionalGids: [3] } }, mapped)).toEqual([]);
    expect(issues({ user: { uid: 10, gid: 5, additionalGids: [3, 7] } }, mapped)).toEqual([
      'process.user.uid: 10 is not mapped',
      'process.user.gid: 5 is not mapped',
      'process.user.additionalGids[1]: 7 is not mapped',
    ]);
    expect(issues({ user: { uid: 10, gid: 5 } })).toEqual([]);
  });

  it('refuses groups where they cannot be set', () => {
    expect(issues({ user: { additionalGids: [1] } }, {}, { setgroups: false })).toEqual([
      'process.user.additionalGids: cannot be set: setgroups is denied in this user namespace',
    ]);
    expect(issues({ user: { additionalGids: [] } }, {}, { setgroups: false })).toEqual([]);
  });

  it('refuses flags of a personality, and nodes that no kernel has', () => {
    const linux: Config['linux'] = {
      personality: { domain: 'LINUX', flags: ['ADDR_NO_RANDOMIZE'] },
      memoryPolicy: { mode: 'MPOL_BIND', nodes: '1-1024' },
    };
    expect(issues({}, linux)).toEqual([
      'linux.personality.flags: no flags are supported',
      'linux.memoryPolicy.nodes: has a node that cannot be',
    ]);
    expect(issues({}, { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0,1024' } })).toHaveLength(1);
    expect(issues({}, { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0,1023' } })).toEqual([]);
  });
});
