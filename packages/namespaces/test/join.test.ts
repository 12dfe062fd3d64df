import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { cgroupNamespaceStages, joinStages } from '../src/index.ts';
import { configWith } from './config.ts';

const config = configWith({
  namespaces: [
    { type: 'mount', path: '/ns/mnt' },
    { type: 'pid' },
    { type: 'network', path: '/ns/net' },
    { type: 'ipc', path: '/ns/ipc' },
  ],
});

function run(kernel: FakeKernel): void {
  for (const stage of joinStages(config)) stage.run(kernel);
}

describe('joinStages', () => {
  it('opens all before it joins any, and joins the mount namespace last', () => {
    const kernel = new FakeKernel();
    run(kernel);
    expect(kernel.lines).toEqual([
      'openat(AT_FDCWD, "/ns/ipc", O_NONBLOCK|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/ns/net", O_NONBLOCK|O_CLOEXEC, 0)',
      'openat(AT_FDCWD, "/ns/mnt", O_NONBLOCK|O_CLOEXEC, 0)',
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

  it('says which path is of another type', () => {
    const kernel = new FakeKernel();
    kernel.fail('setns', 'EINVAL', { when: /NEWNET/ });
    expect(() => run(kernel)).toThrow(
      /^linux\.namespaces\[2\]\.path: \/ns\/net is not a network namespace$/,
    );
  });

  it('passes on other errors', () => {
    const kernel = new FakeKernel();
    kernel.fail('setns', 'EPERM', { when: /NEWIPC/ });
    expect(() => run(kernel)).toThrow(
      'linux.namespaces[3].path: join /ns/ipc: setns: operation not permitted',
    );
  });

  it('is nothing where nothing is joined', () => {
    expect(joinStages(configWith({ namespaces: [{ type: 'pid' }] }))).toEqual([]);
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
