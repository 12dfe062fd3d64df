import { defaultConfig, type Issue, SpecError } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { type Bundle, checkBundle } from '../src/bundle.ts';
import { host, type LooseConfig, runnable } from './config.ts';

function check(change: (config: LooseConfig) => void = () => {}, bundle = '/bundle'): Bundle {
  const config = runnable(defaultConfig());
  change(config);
  return checkBundle(bundle, JSON.stringify(config), host(), { noPivot: false });
}

/** What is wrong with a config. */
function issues(change: (config: LooseConfig) => void): readonly Issue[] {
  try {
    check(change);
    return [];
  } catch (error) {
    if (error instanceof SpecError) return error.issues;
    throw error;
  }
}

/** Sets `linux.seccomp` and the like. */
function set(path: string, value: unknown): (config: LooseConfig) => void {
  return (config) => {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let at = config;
    for (const key of keys) {
      at[key] ??= {};
      at = at[key];
    }
    at[last] = value;
  };
}

describe('a bundle', () => {
  it('that can be started is its config and where it is', () => {
    const bundle = check();
    expect(bundle).toMatchObject({ path: '/bundle', rootfs: '/bundle/rootfs', warnings: [] });
    expect(bundle.config.process.args).toEqual(['sh']);
  });

  it('is found by absolute paths', () => {
    expect(check(undefined, 'some/where').path).toBe(`${process.cwd()}/some/where`);
    expect(check(set('root.path', '/other/rootfs')).rootfs).toBe('/other/rootfs');
    expect(check(set('root.path', '../rootfs')).rootfs).toBe('/rootfs');
  });

  const seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  const hook = [{ path: '/bin/true' }];
  it.each([
    ['process.terminal', true],
    ['hooks.prestart', hook],
    ['hooks.createRuntime', hook],
    ['hooks.createContainer', hook],
    ['hooks.startContainer', hook],
    ['hooks.poststart', hook],
    ['hooks.poststop', hook],
    ['linux.resources', { devices: [{ allow: false, access: 'rwm' }] }],
    ['linux.cgroupsPath', '/a'],
    ['linux.seccomp', seccomp],
    ['linux.intelRdt', { closID: 'a' }],
  ])('that asks for %s is refused by that path', (path, value) => {
    expect(issues(set(path, value))).toEqual([{ path, message: 'is not supported yet' }]);
  });

  it.each([
    ['process.terminal', false],
    ['hooks', {}],
    ['hooks.prestart', []],
    ['hooks.poststop', null],
    ['linux.resources', {}],
    ['linux.resources', null],
    ['linux.cgroupsPath', ''],
    ['linux.intelRdt', {}],
    ['linux.seccomp', null],
    ['annotations', {}],
  ])('that says %s: %j asks for nothing', (path, value) => {
    expect(issues(set(path, value))).toEqual([]);
  });

  it.each<[string, (config: LooseConfig) => void]>([
    ['process.apparmorProfile', set('process.apparmorProfile', 'a')],
    ['process.selinuxLabel', set('process.selinuxLabel', 'a')],
    ['linux.mountLabel', set('linux.mountLabel', 'a')],
    ['linux.netDevices', set('linux.netDevices', { eth0: {} })],
    [
      'linux.timeOffsets',
      (config) => {
        config.linux.namespaces.push({ type: 'time' });
        config.linux.timeOffsets = { monotonic: { secs: 1, nanosecs: 0 } };
      },
    ],
    [
      'linux.namespaces[0].path',
      (config) => {
        config.linux.namespaces[0] = { type: 'pid', path: '/proc/1/ns/pid' };
      },
    ],
    [
      'mounts[6].type',
      (config) => config.mounts.push({ destination: '/c', type: 'cgroup', source: 'cgroup' }),
    ],
  ])('that asks a package for what it does not do is refused: %s', (path, change) => {
    expect(issues(change).map((issue) => issue.path)).toEqual([path]);
  });

  it('is told all that is wrong with it at once', () => {
    const found = issues((config) => {
      set('process.terminal', true)(config);
      set('linux.seccomp', seccomp)(config);
      set('process.apparmorProfile', 'a')(config);
    });
    expect(found.map(({ path }) => path)).toEqual([
      'process.terminal',
      'linux.seccomp',
      'process.apparmorProfile',
    ]);
  });

  it('is told in one line', () => {
    const twice = () => check(set('hooks', { prestart: hook, poststop: hook }));
    expect(twice).toThrow(
      /^config\.json: hooks\.prestart: is not supported yet; hooks\.poststop: is not supported yet$/,
    );
  });

  it('that does not follow the specification is refused as such', () => {
    expect(() => checkBundle('/b', '{', host(), { noPivot: false })).toThrow(/^config\.json: /);
    expect(issues(set('process.cwd', 'relative'))).toEqual([
      { path: 'process.cwd', message: 'must be an absolute path' },
    ]);
  });

  it('is warned of what it will not get, and does not need', () => {
    const config = runnable(defaultConfig());
    const text = JSON.stringify(config);
    const weak = host({ permitted: 0n });
    const { warnings } = checkBundle('/bundle', text, weak, { noPivot: false });
    expect(warnings[0]).toMatch(/^process\.capabilities\.permitted: CAP_\w+.* cannot be granted/);
  });
});
