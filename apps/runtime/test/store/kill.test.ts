import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LiveKernel } from '@oci/kernel/live';
import { describe, expect, it } from 'vitest';
import { killContainer } from '../../src/store/kill.ts';
import { ProcessTable } from '../../src/store/processes.ts';
import { ContainerStore } from '../../src/store/store.ts';
import { FakeHost, FakeKernel, kernelError, stateOf, temporaryDirectory } from './support.ts';

describe('killContainer', () => {
  it('signals the first process', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    await killContainer(host.store, 'x', 'USR1', kernel);
    expect(kernel.sent).toEqual([[41, 10]]);
  });

  it('ends a real process, and no other', async () => {
    const root = temporaryDirectory();
    const child = spawn('sleep', ['60']);
    const exited = once(child, 'exit');
    const pid = child.pid ?? 0;
    const { startTime = 0 } = new ProcessTable().stat(pid) ?? {};
    for (const [id, time] of [
      ['this', startTime],
      ['other', startTime + 1],
    ] as const) {
      mkdirSync(join(root, id));
      writeFileSync(
        join(root, id, 'state.json'),
        JSON.stringify({ ...stateOf(id), pid, startTime: time }),
      );
    }
    const store = new ContainerStore(root);
    const kernel = new LiveKernel();
    await expect(killContainer(store, 'other', 'KILL', kernel)).rejects.toThrow(
      'container not running',
    );
    await killContainer(store, 'this', '0', kernel);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    await killContainer(store, 'this', 'KILL', kernel);
    expect(await exited).toEqual([null, 'SIGKILL']);
    await expect(killContainer(store, 'this', 'KILL', kernel)).rejects.toThrow(
      'container not running',
    );
  });

  it('does not signal a process that took the number over at the last moment', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    kernel.onOpen = (pid) => host.process(pid, { startTime: 5000 });
    await expect(killContainer(host.store, 'x', 'KILL', kernel)).rejects.toThrow(
      'container not running',
    );
    expect(kernel.sent).toEqual([]);
  });

  it.each(['onOpen', 'onSignal'] as const)('finds it gone in %s', async (moment) => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    kernel[moment] = () => {
      throw kernelError('pidfd', 'ESRCH');
    };
    await expect(killContainer(host.store, 'x', 'KILL', kernel)).rejects.toThrow(
      'container not running',
    );
  });

  it('says that it may not', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    kernel.onSignal = () => {
      throw kernelError('pidfd_send_signal', 'EPERM');
    };
    await expect(killContainer(host.store, 'x', 'KILL', kernel)).rejects.toThrow(
      'unable to signal init: operation not permitted',
    );
  });

  it.each([
    ['stopped', {}],
    ['half made', null],
  ])('refuses what is %s', async (_, state) => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x', state);
    await expect(killContainer(host.store, 'x', 'KILL', kernel)).rejects.toThrow(
      'container not running',
    );
    expect(kernel.sent).toEqual([]);
  });

  it('refuses signals it does not know, before anything happens', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    await expect(killContainer(host.store, 'x', 'BAD', kernel)).rejects.toThrow(
      'unknown signal "BAD"',
    );
    await expect(killContainer(host.store, 'none', 'BAD', kernel)).rejects.toThrow(
      'container does not exist',
    );
  });
});

describe('killContainer with all', () => {
  it('signals every process of the pid namespace and nobody else', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    host.process(50);
    host.process(51, { namespace: 'pid:[1]' });
    host.process(52);
    await killContainer(host.store, 'x', 'TERM', kernel, { all: true });
    expect(kernel.sent.sort()).toEqual([
      [41, 15],
      [50, 15],
      [52, 15],
    ]);
  });

  it('passes over a process that leaves, or is replaced, meanwhile', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    host.process(50);
    host.process(52);
    kernel.onOpen = (pid) => {
      if (pid === 50) host.process(50, { namespace: 'pid:[1]' });
      if (pid === 52) throw kernelError('pidfd_open', 'ESRCH');
    };
    await killContainer(host.store, 'x', 'TERM', kernel, { all: true });
    expect(kernel.sent).toEqual([[41, 15]]);
  });

  it('never signals a pid namespace that is not the container alone', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41, { nspid: '41' });
    host.process(1);
    await expect(
      killContainer(host.store, 'x', 'KILL', kernel, { all: true }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    expect(kernel.sent).toEqual([]);
  });

  it('is content with a container that has stopped, as runc is', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    await killContainer(host.store, 'x', 'KILL', kernel, { all: true });
    expect(kernel.sent).toEqual([]);
  });
});

describe('killContainer of one with a cgroup', () => {
  it.each([
    ['KILL', ['thaw']],
    ['TERM', []],
  ])('%s: lets a paused container go on if that ends it', async (signal, done) => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41);
    const cgroup = host.cgroup('x');
    cgroup.frozen = true;
    await killContainer(host.store, 'x', signal, kernel);
    expect(kernel.sent).toHaveLength(1);
    expect(cgroup.done).toEqual(done);
  });

  it('signals all that is in it where the pid namespace is not the container alone', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x');
    host.process(41, { nspid: '41' });
    const cgroup = host.cgroup('x');
    await killContainer(host.store, 'x', 'TERM', kernel, { all: true });
    expect([kernel.sent, cgroup.done]).toEqual([[], ['kill 15']]);
  });

  it.each([
    ['is alone in its pid namespace', { ownPids: true }, true, []],
    ['is not', { ownPids: false }, true, ['kill 15']],
    ['is not, and has no cgroup any more', { ownPids: false }, false, []],
  ])('signals what a container that has stopped left if it %s', async (_, state, made, done) => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    host.container('x', state);
    const cgroup = host.cgroup('x');
    cgroup.made = made;
    await killContainer(host.store, 'x', 'TERM', kernel, { all: true });
    expect([kernel.sent, cgroup.done]).toEqual([[], done]);
  });
});
