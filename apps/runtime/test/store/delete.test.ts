import { closeSync, existsSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { deleteContainer } from '../../src/store/delete.ts';
import { FakeHost, FakeKernel, kernelError, waitAt } from './support.ts';

/** A kernel whose SIGKILL is obeyed. */
function deadly(host: FakeHost): FakeKernel {
  const kernel = new FakeKernel();
  kernel.onSignal = (pid) => void setTimeout(() => host.exit(pid), 5);
  return kernel;
}

describe('deleteContainer', () => {
  it('removes what has stopped', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    const directory = host.container('x');
    await deleteContainer(host.store, 'x', kernel);
    expect(existsSync(directory)).toBe(false);
    expect(kernel.sent).toEqual([]);
  });

  it('refuses what runs', async () => {
    const host = new FakeHost();
    const kernel = deadly(host);
    host.container('x');
    host.process(41);
    await expect(deleteContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot delete container x that is not stopped: running',
    );
    expect(kernel.sent).toEqual([]);
    expect(host.store.load('x').status()).toBe('running');
  });

  it('kills what runs when forced, and waits for its end', async () => {
    const host = new FakeHost();
    const kernel = deadly(host);
    const directory = host.container('x');
    host.process(41);
    await deleteContainer(host.store, 'x', kernel, { force: true });
    expect(kernel.sent).toEqual([[41, 9]]);
    expect(existsSync(directory)).toBe(false);
  });

  it('kills what was created and never started, unforced, as runc does', async () => {
    const host = new FakeHost();
    const kernel = deadly(host);
    const directory = host.container('x');
    host.process(41);
    const waiting = waitAt(host.fifo('x'));
    await deleteContainer(host.store, 'x', kernel);
    expect(kernel.sent).toEqual([[41, 9]]);
    expect(existsSync(directory)).toBe(false);
    closeSync(waiting);
  });

  it('does not kill what an interrupted start left looking created', async () => {
    const host = new FakeHost();
    const kernel = deadly(host);
    host.container('x');
    host.process(41);
    host.fifo('x');
    await expect(deleteContainer(host.store, 'x', kernel)).rejects.toThrow('not stopped: running');
    expect(kernel.sent).toEqual([]);
  });

  it('keeps the container when its process will not end', async () => {
    const host = new FakeHost();
    const directory = host.container('x');
    host.process(41);
    const options = { force: true, patience: 20 };
    await expect(deleteContainer(host.store, 'x', new FakeKernel(), options)).rejects.toThrow(
      'container init still running',
    );
    expect(existsSync(directory)).toBe(true);
  });

  it('cleans a half-made container up only when forced', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    const directory = host.container('x', null);
    host.fifo('x');
    await expect(deleteContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot delete container x that is not stopped: creating',
    );
    await deleteContainer(host.store, 'x', kernel, { force: true });
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves a container alone that a launcher is making', async () => {
    const host = new FakeHost();
    const directory = host.container('x', null);
    const kernel = new FakeKernel();
    kernel.onLock = () => {
      throw kernelError('flock', 'EAGAIN');
    };
    await expect(deleteContainer(host.store, 'x', kernel, { force: true })).rejects.toMatchObject({
      code: 'BUSY',
    });
    expect(existsSync(directory)).toBe(true);
  });

  it('cleans up behind a damaged state file only when forced, and says so', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    const directory = host.container('x', '{');
    await expect(deleteContainer(host.store, 'x', kernel)).rejects.toMatchObject({
      code: 'DAMAGED',
    });
    expect(existsSync(directory)).toBe(true);
    const onDamage = vi.fn();
    await deleteContainer(host.store, 'x', kernel, { force: true, onDamage });
    expect(onDamage).toHaveBeenCalledOnce();
    expect(existsSync(directory)).toBe(false);
  });

  it('does not know what is not there, unless forced', async () => {
    const host = new FakeHost();
    const kernel = new FakeKernel();
    await expect(deleteContainer(host.store, 'x', kernel)).rejects.toThrow(
      'container does not exist',
    );
    await deleteContainer(host.store, 'x', kernel, { force: true });
    await expect(deleteContainer(host.store, '..', kernel, { force: true })).rejects.toThrow(
      'invalid container ID format',
    );
  });

  it('is content when somebody else removes the container while it waits', async () => {
    const host = new FakeHost();
    host.container('x', null);
    const kernel = new FakeKernel();
    kernel.onLock = () => host.store.remove('x');
    await deleteContainer(host.store, 'x', kernel, { force: true });
    expect(host.store.has('x')).toBe(false);
  });
});

describe('deleteContainer of one with a cgroup', () => {
  const inUse = new Error('cgroup /sys/fs/cgroup/x is still in use by process 7: not removed');

  it('removes it, and kills nobody where the first process has taken all with it', async () => {
    const host = new FakeHost();
    host.container('x', { ownPids: true });
    const cgroup = host.cgroup('x');
    await deleteContainer(host.store, 'x', new FakeKernel());
    expect(cgroup.done).toEqual(['remove']);
    expect(host.store.has('x')).toBe(false);
  });

  it.each([
    ['without a pid namespace of its own', { ownPids: false }],
    ['that does not say', {}],
  ])('kills what is left in it, %s', async (_, state) => {
    const host = new FakeHost();
    host.container('x', state);
    const cgroup = host.cgroup('x');
    await deleteContainer(host.store, 'x', new FakeKernel());
    expect(cgroup.done).toEqual(['kill 9', 'remove']);
  });

  it('has nothing to do where it is gone', async () => {
    const host = new FakeHost();
    host.container('x');
    const cgroup = host.cgroup('x');
    cgroup.made = false;
    await deleteContainer(host.store, 'x', new FakeKernel());
    expect(cgroup.done).toEqual([]);
    expect(host.store.has('x')).toBe(false);
  });

  it('kills nobody in that of a half-made container: it may be of others', async () => {
    const host = new FakeHost();
    host.container('x', null);
    const cgroup = host.cgroup('x');
    cgroup.pids = [7];
    await deleteContainer(host.store, 'x', new FakeKernel(), { force: true });
    expect(cgroup.done).toEqual(['remove']);
    expect(host.store.has('x')).toBe(false);
  });

  it('kills what is in it behind a damaged state file', async () => {
    const host = new FakeHost();
    host.container('x', '{');
    const cgroup = host.cgroup('x');
    await deleteContainer(host.store, 'x', new FakeKernel(), { force: true });
    expect(cgroup.done).toEqual(['kill 9', 'remove']);
  });

  it('lets a frozen container go on, so that it dies', async () => {
    const host = new FakeHost();
    const kernel = deadly(host);
    host.container('x', { ownPids: true });
    host.process(41);
    const cgroup = host.cgroup('x');
    cgroup.frozen = true;
    await expect(deleteContainer(host.store, 'x', kernel)).rejects.toThrow('not stopped: paused');
    await deleteContainer(host.store, 'x', kernel, { force: true });
    expect(kernel.sent).toEqual([[41, 9]]);
    expect(cgroup.done).toEqual(['thaw', 'remove']);
  });

  it.each([
    ['whole', {}],
    ['half made', null],
  ])('keeps the state of a %s container whose cgroup others use', async (_, state) => {
    const host = new FakeHost();
    host.container('x', state);
    const cgroup = host.cgroup('x');
    cgroup.refusal = inUse;
    const options = { force: true };
    await expect(deleteContainer(host.store, 'x', new FakeKernel(), options)).rejects.toBe(inUse);
    expect(host.store.load('x').cgroup).toBe(cgroup);
    cgroup.refusal = undefined;
    await deleteContainer(host.store, 'x', new FakeKernel(), options);
    expect([cgroup.made, host.store.has('x')]).toEqual([false, false]);
  });
});
