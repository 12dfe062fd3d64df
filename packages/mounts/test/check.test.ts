import { type Config, defaultConfig, type Mount } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { checkMounts } from '../src/index.ts';

const linux: Config['linux'] = { namespaces: [{ type: 'mount' }] };
const base: Config = { ociVersion: '1.3.0', root: { path: 'rootfs' }, linux };

function issues(config: Partial<Config>, options?: { noPivot: boolean }): string[] {
  return checkMounts({ ...base, ...config }, options).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

function mountIssues(...mounts: Mount[]): string[] {
  return issues({ mounts });
}

describe('checkMounts', () => {
  it('finds only the cgroup mount in runc’s default config', () => {
    expect(checkMounts(defaultConfig())).toEqual([
      { path: 'mounts[6].type', message: 'cgroup mounts are not supported yet' },
    ]);
  });

  it('needs a new mount namespace', () => {
    expect(issues({ linux: {} })).toEqual(['linux.namespaces: needs an entry of type mount']);
    const joined = {
      namespaces: [{ type: 'pid' as const }, { type: 'mount' as const, path: '/n' }],
    };
    expect(issues({ linux: joined })).toEqual([
      'linux.namespaces[1].path: joining a mount namespace is not supported yet',
    ]);
  });

  it('refuses labels, relative paths and an unsafe root', () => {
    expect(issues({ linux: { ...linux, mountLabel: 'x' } })).toEqual([
      'linux.mountLabel: SELinux labels are not supported yet',
    ]);
    expect(issues({ linux: { ...linux, maskedPaths: ['/a', 'b'], readonlyPaths: ['c'] } })).toEqual(
      [
        'linux.maskedPaths[1]: must be an absolute path',
        'linux.readonlyPaths[0]: must be an absolute path',
      ],
    );
    const rootfsPropagation = 'rprivate';
    expect(issues({ linux: { ...linux, rootfsPropagation } })).toEqual([]);
    expect(issues({ linux: { ...linux, rootfsPropagation } }, { noPivot: true })).toEqual([
      'linux.rootfsPropagation: is not safe without pivot_root',
    ]);
  });

  it('lets file systems have options of their own, and bind mounts none', () => {
    expect(mountIssues({ destination: '/a', type: 'tmpfs', options: ['size=1m', 'huge'] })).toEqual(
      [],
    );
    expect(
      mountIssues({ destination: '/a', source: '/b', options: ['rbind', 'ro', 'size=1m'] }),
    ).toEqual([
      'mounts[0].options[2]: size=1m: is an option of a file system, which a bind mount cannot take',
    ]);
  });

  it('says which options are not done yet', () => {
    expect(mountIssues({ destination: '/a', type: 'tmpfs', options: ['tmpcopyup'] })).toEqual([
      'mounts[0].options[0]: tmpcopyup: copying up into a tmpfs is not supported yet',
    ]);
    const mapping = [{ containerID: 0, hostID: 0, size: 1 }];
    const mapped = { destination: '/a', source: '/b', uidMappings: mapping, gidMappings: mapping };
    expect(mountIssues({ ...mapped, options: ['bind', 'idmap'] })).toEqual([
      'mounts[0].uidMappings: mounts with mapped ids are not supported yet',
      'mounts[0].gidMappings: mounts with mapped ids are not supported yet',
      'mounts[0].options[1]: idmap: mounts with mapped ids are not supported yet',
    ]);
  });

  it('needs a type unless it is a bind', () => {
    expect(mountIssues({ destination: '/a' })).toEqual([
      'mounts[0].type: is required unless options has bind or rbind',
    ]);
    expect(mountIssues({ destination: '/a', type: 'bind', source: '/b' })).toEqual([
      'mounts[0].options: needs bind or rbind',
    ]);
  });

  it('guards the root and /proc', () => {
    expect(mountIssues({ destination: '/a/..', type: 'tmpfs' })).toEqual([
      'mounts[0].destination: must not be the root itself',
    ]);
    expect(mountIssues({ destination: '/proc/sys', source: '/x', options: ['bind'] })).toEqual([
      'mounts[0].destination: must not cover what is in /proc',
    ]);
    expect(mountIssues({ destination: '/proc/meminfo', source: '/x', options: ['bind'] })).toEqual(
      [],
    );
    expect(mountIssues({ destination: '/proc', type: 'tmpfs' })).toEqual([
      'mounts[0].type: only a procfs may be mounted on /proc',
    ]);
    expect(mountIssues({ destination: '/process', type: 'tmpfs' })).toEqual([]);
  });

  it('knows how much mount(2) takes', () => {
    const lower = (length: number) => ({
      destination: '/a',
      type: 'overlay',
      options: [`lowerdir=${'a'.repeat(length)}`],
    });
    expect(mountIssues(lower(4000))).toEqual([]);
    expect(mountIssues(lower(4096))).toEqual([
      'mounts[0].options: are longer than the 4095 bytes that mount(2) takes',
    ]);
  });
});
