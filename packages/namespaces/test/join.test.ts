import { CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWUSER, Provision } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { Config, NamespaceType } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { cgroupNamespaceStages, intermediateJoins, joinStages } from '../src/index.ts';
import { configWith } from './config.ts';

const config = configWith({
  namespaces: [
    { type: 'mount', path: '/ns/mnt' },
    { type: 'pid' },
    { type: 'network', path: '/ns/net' },
    { type: 'ipc', path: '/ns/ipc' },
  ],
});

function run(kernel: FakeKernel, of: Config = config): void {
  for (const stage of joinStages(of)) stage.run(kernel);
}

/** A config that joins namespaces of these types, and makes new ones of those. */
function joining(types: readonly NamespaceType[], made: readonly NamespaceType[] = []): Config {
  return configWith({
    namespaces: [
      ...types.map((type) => ({ type, path: `/ns/${type}` })),
      ...made.map((type) => ({ type })),
    ],
  });
}

describe('joinStages', () => {
  it('opens all before it joins any, and joins the mount namespace last', () => {
    const kernel = new FakeKernel();
    run(kernel);
    expect(kernel.lines).toEqual([
      'openat(AT_FDCWD, "/ns/ipc", O_NOCTTY|O_NONBLOCK|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/ns/net", O_NOCTTY|O_NONBLOCK|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/ns/mnt", O_NOCTTY|O_NONBLOCK|O_CLOEXEC, 0)',
      'setns(3, CLONE_NEWIPC)',
      'setns(4, CLONE_NEWNET)',
      'setns(5, CLONE_NEWNS)',
    ]);
  });

  it('says which path is missing', () => {
    const kernel = new FakeKernel();
    kernel.fail('openat', 'ENOENT', { when: /net/ });
    expect(() => run(kernel)).toThrow(
      'linux.namespaces[2].path: open /ns/net: openat: no such file or directory',
    );
  });

  it.each([
    ['another type', 0x0400_0000],
    ['no namespace', -25],
  ])('says which path is of %s', (_, nstype) => {
    const kernel = new FakeKernel();
    kernel.fail('setns', 'EINVAL', { when: /NEWNET/ });
    kernel.returns('ioctl', nstype);
    expect(() => run(kernel)).toThrow(
      /^linux\.namespaces\[2\]\.path: \/ns\/net is not a network namespace$/,
    );
    expect(kernel.lines.at(-1)).toBe('ioctl(4, 0xb703, 0)');
  });

  it('passes on other errors, also of the right type', () => {
    const kernel = new FakeKernel();
    kernel.fail('setns', 'EPERM', { when: /NEWIPC/ });
    expect(() => run(kernel)).toThrow(
      'linux.namespaces[3].path: join /ns/ipc: setns: operation not permitted',
    );
    const invalid = new FakeKernel();
    invalid.fail('setns', 'EINVAL', { when: /NEWNET/ });
    invalid.returns('ioctl', CLONE_NEWNET);
    expect(() => run(invalid)).toThrow(
      'linux.namespaces[2].path: join /ns/net: setns: invalid argument',
    );
  });

  it('tells when it is done', () => {
    const done = new Provision<void>('joined');
    const [stage] = joinStages(config, done);
    expect(stage?.provides).toEqual([done]);
    stage?.run(new FakeKernel());
    expect(() => done.value).not.toThrow();
  });

  it('is nothing where nothing is joined, or all is before', () => {
    expect(joinStages(joining([], ['pid']))).toEqual([]);
    expect(joinStages(joining(['pid', 'user', 'network', 'time']))).toEqual([]);
  });

  describe('with parameters of the network', () => {
    const sysctl = { 'kernel.msgmax': '1', 'net.core.somaxconn': '1' };
    const namespaces = [{ type: 'network' as const, path: '/ns/net' }, { type: 'ipc' as const }];
    /** Inode numbers of the runtime's network namespace, and of what the path is. */
    const withInodes = (own: number, other: number) => {
      const kernel = new FakeKernel();
      kernel.returns('statx', ({ args: [dirfd, , , , memory] }) => {
        if (memory instanceof FakeMemory) memory.store(32, 8, dirfd === -100 ? own : other);
        return 0;
      });
      return kernel;
    };

    it('refuses the namespace that the runtime is in, before it joins', () => {
      const kernel = withInodes(5, 5);
      expect(() => run(kernel, configWith({ namespaces, sysctl }))).toThrow(
        'linux.sysctl["net.core.somaxconn"]: is not allowed in the network namespace of the host',
      );
      expect(kernel.lines.some((line) => line.startsWith('setns'))).toBe(false);
    });

    it('takes any other', () => {
      const kernel = withInodes(5, 6);
      run(kernel, configWith({ namespaces, sysctl }));
      expect(kernel.lines).toEqual([
        'openat(AT_FDCWD, "/ns/net", O_NOCTTY|O_NONBLOCK|O_CLOEXEC, 0)',
        'statx(AT_FDCWD, "/proc/self/ns/net", 0, STATX_INO, own namespace)',
        'statx(3, "", AT_EMPTY_PATH, STATX_INO, statx)',
        'setns(3, CLONE_NEWNET)',
      ]);
    });

    it('asks nothing where there are others only', () => {
      const kernel = new FakeKernel();
      run(kernel, configWith({ namespaces, sysctl: { 'kernel.msgmax': '1' } }));
      expect(kernel.calls.map(({ call }) => call)).toEqual(['openat', 'setns']);
    });
  });
});

describe('intermediateJoins', () => {
  const joins = (of: Config, rootless = false) => {
    const kernel = new FakeKernel();
    intermediateJoins(of, { rootless })?.(kernel);
    return kernel.lines.map((line) => line.replace('openat(AT_FDCWD, ', 'open(').split(', O_')[0]);
  };

  it('is not needed for what a process joins itself', () => {
    for (const of of [
      configWith({}),
      joining([], ['user', 'pid', 'time']),
      joining(['network', 'ipc', 'uts', 'mount', 'cgroup', 'time'], ['pid']),
      joining(['mount'], ['user']),
    ])
      expect(intermediateJoins(of, { rootless: false })).toBeUndefined();
  });

  it('joins a pid namespace, alone', () => {
    expect(joins(joining(['network', 'pid', 'mount']))).toEqual([
      'prctl(PR_SET_DUMPABLE, 0)',
      'open("/ns/pid"',
      'setns(3, CLONE_NEWPID)',
    ]);
  });

  it('joins a user namespace last, all opened first, but leaves the mount namespace', () => {
    expect(joins(joining(['mount', 'user', 'network', 'pid']))).toEqual([
      'prctl(PR_SET_DUMPABLE, 0)',
      'open("/ns/pid"',
      'open("/ns/network"',
      'open("/ns/user"',
      'setns(3, CLONE_NEWPID)',
      'setns(4, CLONE_NEWNET)',
      'setns(5, CLONE_NEWUSER)',
    ]);
  });

  it('joins a user namespace first without privileges, and stays dumpable', () => {
    expect(joins(joining(['network', 'user', 'pid']), true)).toEqual([
      'open("/ns/user"',
      'open("/ns/pid"',
      'open("/ns/network"',
      'setns(3, CLONE_NEWUSER)',
      'setns(4, CLONE_NEWPID)',
      'setns(5, CLONE_NEWNET)',
    ]);
  });

  it('joins all others before a new user namespace is made', () => {
    expect(joins(joining(['time', 'uts'], ['user']))).toEqual([
      'prctl(PR_SET_DUMPABLE, 0)',
      'open("/ns/uts"',
      'open("/ns/time"',
      'setns(3, CLONE_NEWUTS)',
      'setns(4, CLONE_NEWTIME)',
    ]);
  });

  it.each([
    ['pid', CLONE_NEWPID, 'is a pid namespace that is not below that of the runtime'],
    ['user', CLONE_NEWUSER, 'is the user namespace that the runtime is in'],
  ] as const)('says why a %s namespace is refused', (type, flag, reason) => {
    const kernel = new FakeKernel();
    kernel.fail('setns', 'EINVAL');
    kernel.returns('ioctl', flag);
    expect(() => intermediateJoins(joining([type]), { rootless: false })?.(kernel)).toThrow(
      `linux.namespaces[0].path: /ns/${type} ${reason}`,
    );
  });
});

describe('cgroupNamespaceStages', () => {
  it('unshares a new one only', () => {
    const kernel = new FakeKernel();
    const [stage] = cgroupNamespaceStages(configWith({ namespaces: [{ type: 'cgroup' }] }));
    stage?.run(kernel);
    expect(kernel.lines).toEqual(['unshare(CLONE_NEWCGROUP)']);
    const path = '/proc/1/ns/cgroup';
    expect(cgroupNamespaceStages(configWith({ namespaces: [{ type: 'cgroup', path }] }))).toEqual(
      [],
    );
  });
});
