import { Parameter } from '@oci/kernel';
import type { Config } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { cgroupPath, checkCgroups } from '../src/index.ts';
import { legacy, unified } from './support/layouts.ts';

const withPath = (cgroupsPath?: string): Config => ({
  ociVersion: '1.3.0',
  linux: cgroupsPath === undefined ? {} : { cgroupsPath },
});

describe('cgroupPath', () => {
  it.each([
    ['/docker/box', '/docker/box', ['/docker']],
    ['docker/box', '/docker/box', ['/docker']],
    ['//a/./b//c/', '/a/b/c', ['/a', '/a/b']],
    ['box', '/box', []],
    [undefined, '/id', []],
    ['', '/id', []],
  ])('%s is %s below the mountpoint', (given, path, ancestors) => {
    expect(cgroupPath(withPath(given), legacy, 'id')).toEqual({ path, ancestors });
  });

  it('keeps an id that is only known at launch as it is', () => {
    const id = new Parameter('id');
    expect(cgroupPath(withPath(), legacy, id).path).toMatchObject({ parts: ['/', id] });
  });

  it('starts beside the own cgroup without privileges, unless it is absolute', () => {
    const layout = { ...unified, own: '/user.slice/session.scope' };
    const start = { path: '/user.slice/id', ancestors: ['/user.slice'] };
    expect(cgroupPath(withPath(), layout, 'id')).toEqual(start);
    expect(cgroupPath(withPath('a/b'), layout, 'id').path).toBe('/user.slice/a/b');
    expect(cgroupPath(withPath('/a/b'), layout, 'id').path).toBe('/a/b');
  });
});

describe('checkCgroups', () => {
  const issues = (path: string) => checkCgroups(withPath(path), { layout: legacy });

  it.each(['../up', '/../../up', 'a/../b', '/a/..'])('refuses %s, which climbs', (path) => {
    expect(issues(path)).toEqual([
      { path: 'linux.cgroupsPath', message: 'must not climb out by ..' },
    ]);
  });

  it.each(['/', '//', './'])('refuses the root: %s', (path) => {
    expect(issues(path)).toMatchObject([{ path: 'linux.cgroupsPath' }]);
  });

  it.each(['/a..b', '...', '/a/b'])('takes %s', (path) => {
    expect(issues(path)).toEqual([]);
  });
});
