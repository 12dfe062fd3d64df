import { FilterCache } from '@oci/seccomp';
import { defaultConfig, type Issue, SpecError } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { type Bundle, checkBundle } from '../src/bundle.ts';
import { host, type LooseConfig, runnable } from './config.ts';

const filters = new FilterCache({ version: '' });

function check(change: (config: LooseConfig) => void = () => {}, bundle = '/bundle'): Bundle {
  const config = runnable(defaultConfig());
  change(config);
  return checkBundle(
    bundle,
    JSON.stringify(config),
    host(),
    { noPivot: false, cgroupManager: 'cgroupfs' },
    filters,
  );
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

  const hook = [{ path: '/bin/true' }];
  it.each([
    ['hooks.prestart', hook],
    ['hooks.createRuntime', hook],
    ['hooks.createContainer', hook],
    ['hooks.startContainer', hook],
    ['hooks.poststart', hook],
    ['hooks.poststop', hook],
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
    ['linux.resources.memory.limit', set('linux.resources', { memory: { limit: 1_000_000 } })],
    ['linux.cgroupsPath', set('linux.cgroupsPath', '/a/../..')],
    [
      'linux.seccomp.listenerPath',
      set('linux.seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
      }),
    ],
    [
      'linux.seccomp.syscalls[0].args[0].index',
      set('linux.seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          {
            names: ['mkdir'],
            action: 'SCMP_ACT_KILL',
            args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }],
          },
        ],
      }),
    ],
  ])(
    'that asks for what there is not here, or what makes no sense, is refused: %s',
    (path, change) => {
      expect(issues(change).map((issue) => issue.path)).toEqual([path]);
    },
  );

  it('is told all that is wrong with it at once', () => {
    const found = issues((config) => {
      set('hooks.prestart', hook)(config);
      set('linux.intelRdt.closID', 'info')(config);
      set('process.apparmorProfile', 'a')(config);
    });
    expect(found.map(({ path }) => path)).toEqual([
      'hooks.prestart',
      'linux.intelRdt.closID',
      'process.apparmorProfile',
    ]);
  });

  it('is told of what breaks rules along with what there is not here', () => {
    const found = issues((config) => {
      delete config.root;
      set('process.env', ['A'])(config);
      set('linux.timeOffsets', { boottime: { secs: 1 } })(config);
      set('linux.maskedPaths', ['a'])(config);
      set('hooks.prestart', hook)(config);
      config.mounts.push({ destination: '/b', source: '/b', options: ['bind', 'size=1'] });
    });
    expect(found.map(({ path }) => path)).toEqual([
      'process.env[0]',
      'linux.maskedPaths[0]',
      'linux.timeOffsets',
      'root',
      'hooks.prestart',
      'mounts[6].options[1]',
    ]);
  });

  it('is told in one line', () => {
    const twice = () => check(set('hooks', { prestart: hook, poststop: hook }));
    expect(twice).toThrow(
      /^config\.json: hooks\.prestart: is not supported yet; hooks\.poststop: is not supported yet$/,
    );
  });

  it('that does not follow the specification is refused as such', () => {
    expect(() =>
      checkBundle('/b', '{', host(), { noPivot: false, cgroupManager: 'cgroupfs' }, filters),
    ).toThrow(/^config\.json: /);
    expect(issues(set('process.cwd', 'relative'))).toEqual([
      { path: 'process.cwd', message: 'must be an absolute path' },
    ]);
  });

  it('has its filter compiled, once for all that are alike', () => {
    const filtered = set('linux.seccomp', {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['read', 'nosuchcall'], action: 'SCMP_ACT_ALLOW' }],
    });
    const [one, other] = [check(filtered), check(filtered)];
    expect(one.filter?.filter.length).toBeGreaterThan(2);
    expect(other.filter).toBe(one.filter);
    expect(one.warnings).toEqual([
      'linux.seccomp.syscalls[0].names[1]: no system call is called nosuchcall',
    ]);
  });

  it('that shares its process ids is not compiled to a file', () => {
    const config = runnable(defaultConfig());
    config.linux.namespaces = config.linux.namespaces.filter(
      ({ type }: { type: string }) => type !== 'pid',
    );
    const compile = (kept: boolean) =>
      checkBundle(
        '/bundle',
        JSON.stringify(config),
        host(),
        { noPivot: false, cgroupManager: 'cgroupfs', kept },
        filters,
      );
    expect(() => compile(true)).toThrow('linux.namespaces: a launcher that is kept in a file');
    expect(compile(false).path).toBe('/bundle');
  });

  it('is warned of what it will not get, and does not need', () => {
    const config = runnable(defaultConfig());
    const text = JSON.stringify(config);
    const weak = host({ permitted: 0n });
    const { warnings } = checkBundle(
      '/bundle',
      text,
      weak,
      { noPivot: false, cgroupManager: 'cgroupfs' },
      filters,
    );
    expect(warnings[0]).toMatch(/^process\.capabilities\.permitted: CAP_\w+.* cannot be granted/);
  });
});
