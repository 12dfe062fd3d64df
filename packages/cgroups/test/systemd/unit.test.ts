import { describe, expect, it } from 'vitest';
import { checkUnit, systemdUnit, unitCgroup } from '../../src/systemd/unit.ts';

const at = (cgroupsPath?: string) => ({
  linux: cgroupsPath === undefined ? {} : { cgroupsPath },
});
const messages = (cgroupsPath: string | undefined, id = 'box') =>
  checkUnit(at(cgroupsPath), id).map(({ path, message }) => `${path}: ${message}`);

describe('the unit of a container', () => {
  it.each([
    ['system.slice:docker:1234', 'docker-1234.scope', 'system.slice'],
    ['machine.slice:libpod:abc', 'libpod-abc.scope', 'machine.slice'],
    [':cri-containerd:abc', 'cri-containerd-abc.scope', 'system.slice'],
    ['a-b.slice::name', 'name.scope', 'a-b.slice'],
  ])('of %s is %s', (path, name, slice) => {
    expect(checkUnit(at(path), 'id')).toEqual([]);
    expect(systemdUnit(at(path), 'id', 'system')).toMatchObject({ name, slice });
  });

  it('is named for the container where no path is given', () => {
    for (const path of [undefined, '']) {
      expect(systemdUnit(at(path), 'box', 'system')).toEqual({
        name: 'ocirun-box.scope',
        slice: 'system.slice',
        container: 'box',
      });
      expect(systemdUnit(at(path), 'box', 'user').slice).toBe('user.slice');
      expect(messages(path)).toEqual([]);
    }
  });

  it.each([
    ['system.slice', '/system.slice/x.scope'],
    ['a-b-c.slice', '/a.slice/a-b.slice/a-b-c.slice/x.scope'],
    ['-.slice', '/x.scope'],
  ])('in %s has the cgroup %s', (slice, cgroup) => {
    const path = `${slice}::x`;
    expect(messages(path)).toEqual([]);
    expect(unitCgroup(systemdUnit(at(path), 'id', 'system'))).toBe(cgroup);
  });

  it.each([
    ['/docker/1234', 'must be slice:prefix:name for systemd, not "/docker/1234"'],
    ['a.slice:b:c:d', 'must be slice:prefix:name for systemd, not "a.slice:b:c:d"'],
    ['a.slice:b:', 'must have a name, as slice:prefix:name'],
    ['a.slice:b:c.slice', 'a container cannot be a slice; name a scope'],
    ['a:b:c', '"a" is not the name of a slice, such as a-b.slice'],
    ['.slice:b:c', '".slice" is not the name of a slice, such as a-b.slice'],
    ['-a.slice:b:c', '"-a.slice" is not the name of a slice, such as a-b.slice'],
    ['a--b.slice:b:c', '"a--b.slice" is not the name of a slice, such as a-b.slice'],
    ['../a.slice:b:c', '"../a.slice" is not the name of a slice, such as a-b.slice'],
    ['a.slice:b:../c', '"b-../c.scope" is not the name of a systemd unit'],
    ["a.slice:b:c'", '"b-c\'.scope" is not the name of a systemd unit'],
    [
      `a.slice:b:${'c'.repeat(250)}`,
      /^linux\.cgroupsPath: ".*" is not the name of a systemd unit$/,
    ],
  ])('is refused for %s', (path, message) => {
    const found = messages(path);
    expect(found).toEqual([
      typeof message === 'string'
        ? `linux.cgroupsPath: ${message}`
        : expect.stringMatching(message),
    ]);
  });

  it('is refused for an id that systemd cannot name', () => {
    expect(messages(undefined, 'a+b')).toEqual([
      'linux.cgroupsPath: "ocirun-a+b.scope" is not the name of a systemd unit',
    ]);
  });
});
