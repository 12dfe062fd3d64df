import { type Config, defaultConfig, type Mount } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { checkMounts, type MountsCheckContext } from '../src/index.ts';

const linux: Config['linux'] = { namespaces: [{ type: 'mount' }] };
const base: Config = { ociVersion: '1.3.0', root: { path: 'rootfs' }, linux };

function issues(config: Partial<Config>, context?: MountsCheckContext): string[] {
  return checkMounts({ ...base, ...config }, context).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

function mountIssues(...mounts: Mount[]): string[] {
  return issues({ mounts });
}

describe('checkMounts', () => {
  it('finds nothing in runc’s default config, where there are cgroups', () => {
    const cgroups = { layout: { kind: 'unified' as const, hierarchies: [] } };
    expect(checkMounts(defaultConfig(), { cgroups })).toEqual([]);
    expect(checkMounts(defaultConfig())).toEqual([
      { path: 'mounts[6].type', message: 'there are no cgroups to mount' },
    ]);
  });

  it.each([
    ['none', {}],
    ['one that is joined', { namespaces: [{ type: 'mount' as const, path: '/n' }] }],
  ])('lets nothing be mounted without a new mount namespace: %s', (_, linux) => {
    expect(issues({ linux })).toEqual([]);
    const needs = 'needs a new mount namespace';
    expect(
      issues({
        root: { path: 'rootfs', readonly: true },
        mounts: [{ destination: '/a', type: 'tmpfs' }],
        linux: {
          ...linux,
          rootfsPropagation: 'slave',
          maskedPaths: ['/a'],
          readonlyPaths: ['/b'],
        },
      }),
    ).toEqual(
      ['mounts', 'root.readonly', 'linux.rootfsPropagation']
        .concat('linux.maskedPaths', 'linux.readonlyPaths')
        .map((path) => `${path}: ${needs}`),
    );
    expect(issues({ linux: { namespaces: [{ type: 'user' }] } })).toEqual([
      'linux.namespaces: a user namespace needs a new mount namespace, for its devices',
    ]);
  });

  it('refuses labels without SELinux, relative paths and an unsafe root', () => {
    const labelled = { linux: { ...linux, mountLabel: 'x' } };
    expect(issues(labelled, { selinux: true })).toEqual([]);
    expect(issues(labelled)).toEqual(['linux.mountLabel: needs SELinux, which is not in use here']);
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

  it('takes tmpcopyup for a new tmpfs only', () => {
    const options = ['tmpcopyup'];
    expect(mountIssues({ destination: '/a', type: 'tmpfs', options })).toEqual([]);
    for (const other of [
      { destination: '/a', type: 'proc', options },
      { destination: '/a', source: '/b', options: [...options, 'bind'] },
      { destination: '/a', type: 'tmpfs', options: [...options, 'remount'] },
    ])
      expect(mountIssues(other)).toEqual(['mounts[0].options[0]: tmpcopyup: is for a new tmpfs']);
    expect(mountIssues({ destination: '/a', type: 'tmpfs', options: [...options, 'acl'] })).toEqual(
      ['mounts[0].options: tmpcopyup goes with neither iversion, acl nor values over 255 bytes'],
    );
  });

  it('maps the ids of bind mounts only, and not without privileges', () => {
    const mapping = [{ containerID: 0, hostID: 0, size: 1 }];
    const mappings = { uidMappings: mapping, gidMappings: mapping };
    const bind = { destination: '/a', source: '/b', options: ['bind'] };
    const idmap = { ...bind, options: ['bind', 'idmap'] };
    expect(mountIssues({ ...bind, ...mappings }, { ...idmap, ...mappings })).toEqual([]);
    expect(issues({ mounts: [{ ...idmap, ...mappings }] }, { rootless: true })).toEqual([
      'mounts[0].options[1]: idmap: needs privileges over the file system',
    ]);
    expect(issues({ mounts: [{ ...bind, ...mappings }] }, { rootless: true })).toEqual([
      'mounts[0].uidMappings: needs privileges over the file system',
      'mounts[0].gidMappings: needs privileges over the file system',
    ]);
    expect(
      mountIssues({ destination: '/a', type: 'tmpfs', options: ['ridmap'], ...mappings }),
    ).toEqual(['mounts[0].options[0]: ridmap: is for bind mounts']);
    expect(mountIssues({ destination: '/a', type: 'tmpfs', ...mappings })).toEqual([
      'mounts[0].uidMappings: is for bind mounts',
      'mounts[0].gidMappings: is for bind mounts',
    ]);
  });

  it.each(['src-nofollow', 'dest-nofollow'])('takes %s for bind mounts only', (option) => {
    const bind = { destination: '/a', source: '/b', options: [option, 'rbind'] };
    expect(mountIssues(bind)).toEqual([]);
    expect(mountIssues({ destination: '/a', type: 'tmpfs', options: [option] })).toEqual([
      `mounts[0].options[0]: ${option}: is for bind mounts`,
    ]);
  });

  it('takes options for a cgroup mount on version 2 only', () => {
    const mounts = [{ destination: '/a', type: 'cgroup', options: ['ro', 'nsdelegate'] }];
    const on = (kind: 'unified' | 'hybrid') =>
      issues({ mounts }, { cgroups: { layout: { kind, hierarchies: [] } } });
    expect(on('unified')).toEqual([]);
    expect(on('hybrid')).toEqual([
      'mounts[0].options: has some of a file system, which cgroup version 1 does not take',
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
