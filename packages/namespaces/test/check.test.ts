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

  it('lets every type be joined', () => {
    const types = ['user', 'pid', 'mount', 'network', 'ipc', 'uts', 'cgroup', 'time'] as const;
    const config = configWith({ namespaces: types.map((type) => ({ type, path: `/ns/${type}` })) });
    for (const context of [root, user]) expect(checkNamespaces(config, context)).toEqual([]);
  });

  describe('beside a new user namespace', () => {
    const mapping = (hostID: number) => [{ containerID: 0, hostID, size: 1 }];
    const config = configWith({
      namespaces: [
        { type: 'user' },
        { type: 'ipc', path: '/a' },
        { type: 'pid', path: '/b' },
        { type: 'mount', path: '/c' },
      ],
      uidMappings: mapping(1000),
      gidMappings: mapping(1001),
    });

    it('lets a privileged runtime join all but a mount namespace', () => {
      expect(checkNamespaces(config, root)).toEqual([
        {
          path: 'linux.namespaces[3].path',
          message: 'cannot be joined together with a new user namespace, which would not own it',
        },
      ]);
    });

    it('lets an unprivileged one join none', () => {
      expect(paths(config, user)).toEqual([
        'linux.namespaces[1].path',
        'linux.namespaces[2].path',
        'linux.namespaces[3].path',
      ]);
    });
  });

  it('names the program for what an unprivileged user cannot map, where that is missing', () => {
    const config = defaultConfig({ rootless: true, uid: 1000, gid: 1000 });
    expect(checkNamespaces(config, user)).toEqual([
      {
        path: 'linux.gidMappings',
        message:
          'an unprivileged user can map more than its own id only with newgidmap, which is not in PATH',
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
    const mappingTools = { newuidmap: '/usr/bin/newuidmap' };
    expect(checkNamespaces(range, { ...user, mappingTools })).toEqual([]);
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
});
