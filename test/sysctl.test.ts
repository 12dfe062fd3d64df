import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';

const container = useBundle();

describe('linux.sysctl', () => {
  // One of each namespace, and both ways to write a name (sysctl.d(5)).
  it.each([
    ['net.ipv4.ip_default_ttl', 'net/ipv4/ip_default_ttl', '77'],
    ['net/ipv4/conf/lo/log_martians', 'net/ipv4/conf/lo/log_martians', '1'],
    ['kernel.msgmax', 'kernel/msgmax', '12345'],
    ['kernel.sem', 'kernel/sem', '250\t32000\t32\t17'],
    ['fs.mqueue.msg_max', 'fs/mqueue/msg_max', '7'],
    ['kernel.domainname', 'kernel/domainname', 'example.org'],
  ])('%s', async (name, file, value) => {
    const onHost = () => readFileSync(`/proc/sys/${file}`, 'utf8').trim();
    const before = onHost();
    expect(before).not.toBe(value);
    container.bundle.with(({ linux }) => {
      linux.sysctl = { [name]: value };
    });
    expect(await container.prints(`cat /proc/sys/${file}`)).toBe(value);
    expect(onHost()).toBe(before);
  });

  it('sets several, in order', async () => {
    container.bundle.with(({ linux }) => {
      linux.sysctl = { 'net.core.somaxconn': '99', 'kernel.msgmni': '11' };
    });
    expect(await container.prints('cd /proc/sys; cat net/core/somaxconn kernel/msgmni')).toBe(
      '99\n11',
    );
  });

  it.each([
    ['net.no.such', 'net/no/such', 'no such file'],
    ['kernel.msgmax', 'x', 'invalid argument'],
  ])('tells of %s=%s', async (name, value, why) => {
    container.bundle.with(({ linux }) => {
      linux.sysctl = { [name]: value };
    });
    expect(await container.refusal()).toMatch(
      new RegExp(`linux\\.sysctl\\["${name}"\\]: set to ${value}: .*${why}`),
    );
  });
});
