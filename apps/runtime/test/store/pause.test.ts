import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pauseContainer, resumeContainer } from '../../src/store/pause.ts';
import { FakeHost, FakeKernel, kernelError, waitAt } from './support.ts';

function running() {
  const host = new FakeHost();
  host.container('x');
  host.process(41);
  return { host, cgroup: host.cgroup('x'), kernel: new FakeKernel() };
}

describe('pauseContainer', () => {
  it('freezes what runs, which is paused then', async () => {
    const { host, cgroup, kernel } = running();
    await pauseContainer(host.store, 'x', kernel);
    expect(cgroup.done).toEqual(['freeze']);
    expect(host.store.load('x').status()).toBe('paused');
  });

  it('freezes what waits for its start', async () => {
    const { host, cgroup, kernel } = running();
    const waiting = waitAt(host.fifo('x'));
    await pauseContainer(host.store, 'x', kernel);
    expect(cgroup.done).toEqual(['freeze']);
    closeSync(waiting);
  });

  it('is refused for what is paused, has stopped or is half made', async () => {
    const { host, cgroup, kernel } = running();
    cgroup.frozen = true;
    host.container('half', null);
    const pause = (id: string) => pauseContainer(host.store, id, kernel);
    await expect(pause('x')).rejects.toThrow('container not running or created: paused');
    host.exit(41);
    await expect(pause('x')).rejects.toThrow('container not running or created: stopped');
    await expect(pause('half')).rejects.toThrow('container not running or created: creating');
    await expect(pause('none')).rejects.toThrow('container does not exist');
    expect(cgroup.done).toEqual([]);
  });

  it('needs a cgroup', async () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    await expect(pauseContainer(host.store, 'x', new FakeKernel())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: 'the container has no cgroup',
    });
  });

  it('waits for other commands on the container', async () => {
    const { host, cgroup, kernel } = running();
    kernel.onLock = () => {
      throw kernelError('flock', 'EAGAIN');
    };
    await expect(pauseContainer(host.store, 'x', kernel)).rejects.toMatchObject({ code: 'BUSY' });
    expect(cgroup.done).toEqual([]);
  });
});

describe('resumeContainer', () => {
  it('lets what is paused go on', async () => {
    const { host, cgroup, kernel } = running();
    cgroup.frozen = true;
    await resumeContainer(host.store, 'x', kernel);
    expect(cgroup.done).toEqual(['thaw']);
    expect(host.store.load('x').status()).toBe('running');
  });

  it('is refused for what is not', async () => {
    const { host, cgroup, kernel } = running();
    const resume = () => resumeContainer(host.store, 'x', kernel);
    await expect(resume()).rejects.toThrow('container not paused: running');
    host.exit(41);
    cgroup.frozen = true;
    await expect(resume()).rejects.toThrow('container not paused: stopped');
    expect(cgroup.done).toEqual([]);
  });
});
