import { type Config, defaultConfig } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { checkNamespaces, type NamespaceContext } from '../src/index.ts';
import { configWith } from './config.ts';

const root: NamespaceContext = { rootless: false, setgroups: true, euid: 0, egid: 0 };
const user: NamespaceContext = { rootless: true, setgroups: true, euid: 1000, egid: 1001 };

function paths(config: Config, context: NamespaceContext): string[] {
  return checkNamespaces(config, context).map(({ path }) => path);
}

describe('checkNamespaces', () => {
  it('finds nothing in what runc spec writes', () => {
    expect(checkNamespaces(defaultConfig(), root)).toEqual([]);
    const own = defaultConfig({ rootless: true, uid: 1000, gid: 1001 });
    expect(checkNamespaces(own, user)).toEqual([]);
  });

  it('refuses to join user and pid namespaces', () => {
    const namespaces: NonNullable<Config['linux']>['namespaces'] = [
      { type: 'network', path: '/a' },
      { type: 'user', path: '/b' },
      { type: 'pid', path: '/c' },
    ];
    expect(paths(configWith({ namespaces }), root)).toEqual([
      'linux.namespaces[1].path',
      'linux.namespaces[2].path',
    ]);
  });

  it('refuses to join anything from a new user namespace', () => {
    const mapping = [{ containerID: 0, hostID: 5, size: 10 }];
    const config = configWith({
      namespaces: [{ type: 'user' }, { type: 'ipc', path: '/a' }],
      uidMappings: mapping,
      gidMappings: mapping,
    });
    expect(paths(config, root)).toEqual(['linux.namespaces[1].path']);
  });

  it('names newuidmap for what an unprivileged user cannot map', () => {
    const config = defaultConfig({ rootless: true, uid: 1000, gid: 1000 });
    expect(checkNamespaces(config, user)).toEqual([
      {
        path: 'linux.gidMappings',
        message:
          'an unprivileged user can only map one id, its own (1001): more needs newgidmap, which is not supported yet',
      },
    ]);
    const range = configWith({
      namespaces: [{ type: 'user' }],
      uidMappings: [{ containerID: 0, hostID: 1000, size: 2 }],
      gidMappings: [{ containerID: 0, hostID: 1001, size: 1 }],
    });
    expect(checkNamespaces(range, user)).toMatchObject([
      { path: 'linux.uidMappings', message: expect.stringContaining('newuidmap') },
    ]);
    expect(checkNamespaces(range, root)).toEqual([]);
  });

  it('wants root mapped, since the container is set up as root', () => {
    const config = configWith({
      namespaces: [{ type: 'user' }],
      uidMappings: [{ containerID: 1, hostID: 1, size: 9 }],
      gidMappings: [{ containerID: 0, hostID: 1, size: 9 }],
    });
    expect(paths(config, root)).toEqual(['linux.uidMappings']);
  });

  it('wants a user namespace for a user without privileges', () => {
    expect(paths(defaultConfig(), user)).toEqual(['linux.namespaces']);
  });

  it('refuses what is not there yet', () => {
    const config = configWith({
      namespaces: [{ type: 'time' }, { type: 'network' }],
      timeOffsets: { boottime: { secs: 1 } },
      netDevices: { eth1: {} },
    });
    expect(paths(config, root)).toEqual(['linux.timeOffsets', 'linux.netDevices']);
    const none = configWith({ timeOffsets: {}, netDevices: {} });
    expect(checkNamespaces(none, root)).toEqual([]);
  });

  it('keeps network parameters of the host as they are', () => {
    const config = configWith({
      namespaces: [{ type: 'network', path: '/proc/self/ns/net' }, { type: 'ipc' }],
      sysctl: { 'net.core.somaxconn': '1', 'net/core/x': '1', 'kernel.msgmax': '1' },
    });
    expect(paths(config, { ...root, joinsHostNetwork: true })).toEqual([
      'linux.sysctl["net.core.somaxconn"]',
      'linux.sysctl["net/core/x"]',
    ]);
    expect(paths(config, root)).toEqual([]);
  });
});
