import { SYSFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { hostnameStages, sysctlStages } from '../src/index.ts';
import { sysctlPath } from '../src/sysctl.ts';
import { configWith, filesystem } from './config.ts';

describe('hostnameStages', () => {
  it('sets what is named', () => {
    const kernel = new FakeKernel();
    const config = { ociVersion: '1.3.0', hostname: 'höst', domainname: 'example.org' };
    for (const stage of hostnameStages(config)) stage.run(kernel);
    expect(kernel.lines).toEqual(['sethostname("höst", 5)', 'setdomainname("example.org", 11)']);
  });

  it('is nothing for no or an empty name', () => {
    expect(hostnameStages({ ociVersion: '1.3.0' })).toEqual([]);
    expect(hostnameStages({ ociVersion: '1.3.0', hostname: '' })).toEqual([]);
  });
});

describe('sysctlPath', () => {
  it.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
    ['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
  ])('%s is %s', (key, path) => {
    expect(sysctlPath(key)).toBe(path);
  });
});

describe('sysctlStages', () => {
  const config = configWith({ sysctl: { 'net.core.somaxconn': '256', 'fs/mqueue/msg_max': '10' } });

  it('writes below one descriptor of /proc/sys', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    for (const stage of sysctlStages(config)) stage.run(kernel);
    expect(kernel.lines).toEqual([
      'openat2(AT_FDCWD, "/proc/sys", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
      'fstatfs(3, statfs)',
      'openat2(3, "net/core/somaxconn", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)',
      'write(4, "256", 3)',
      'close(4)',
      'openat2(3, "fs/mqueue/msg_max", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)',
      'write(5, "10", 2)',
      'close(5)',
    ]);
  });

  it('trusts no other filesystem', () => {
    const kernel = new FakeKernel();
    filesystem(kernel, SYSFS_MAGIC);
    const [stage] = sysctlStages(config);
    expect(() => stage?.run(kernel)).toThrow('linux.sysctl: open /proc/sys: /proc is not a proc');
    expect(kernel.lines).toHaveLength(2);
  });

  it('names the parameter that fails', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    kernel.fail('write', 'EINVAL', { when: /256/ });
    const [stage] = sysctlStages(config);
    expect(() => stage?.run(kernel)).toThrow(
      'linux.sysctl["net.core.somaxconn"]: set to 256: write: invalid argument',
    );
  });

  it('is nothing without parameters', () => {
    expect(sysctlStages(configWith({ sysctl: {} }))).toEqual([]);
  });
});
