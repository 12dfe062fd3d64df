import { closeSync, existsSync, readSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startContainer } from '../../src/store/start.ts';
import { FakeHost, FakeKernel, kernelError, waitAt } from './support.ts';

const kernel = new FakeKernel();

describe('startContainer', () => {
  it('writes one byte and removes the FIFO', async () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    const path = host.fifo('x');
    const waiting = waitAt(path);
    await startContainer(host.store, 'x', kernel);
    const bytes = Buffer.alloc(4);
    expect(bytes.toString('latin1', 0, readSync(waiting, bytes))).toBe('0');
    expect(existsSync(path)).toBe(false);
    expect(host.store.load('x').status()).toBe('running');
    closeSync(waiting);
  });

  it('clears up after a start that was cut short', async () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    const path = host.fifo('x');
    await expect(startContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot start an already running container',
    );
    expect(existsSync(path)).toBe(false);
  });

  it('refuses what is running', async () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    await expect(startContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot start an already running container',
    );
  });

  it('refuses what is paused, and leaves it waiting', async () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    host.cgroup('x').frozen = true;
    const waiting = waitAt(host.fifo('x'));
    await expect(startContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot start a container in the paused state',
    );
    host.cgroupAt('/x').frozen = false;
    expect(host.store.load('x').status()).toBe('created');
    closeSync(waiting);
  });

  it('refuses what has stopped', async () => {
    const host = new FakeHost();
    host.container('x');
    host.fifo('x');
    await expect(startContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot start a container that has stopped',
    );
  });

  it('refuses what is half made', async () => {
    const host = new FakeHost();
    host.container('x', null);
    const path = host.fifo('x');
    await expect(startContainer(host.store, 'x', kernel)).rejects.toThrow(
      'cannot start a container in the creating state',
    );
    expect(existsSync(path)).toBe(true);
  });

  it('does not know what is not there', async () => {
    const host = new FakeHost();
    await expect(startContainer(host.store, 'x', kernel)).rejects.toThrow(
      'container does not exist',
    );
    await expect(startContainer(host.store, '../x', kernel)).rejects.toThrow(
      'invalid container ID format',
    );
  });

  it('leaves a container alone that is in other hands', async () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    const waiting = waitAt(host.fifo('x'));
    const busy = new FakeKernel();
    busy.onLock = () => {
      throw kernelError('flock', 'EAGAIN');
    };
    await expect(startContainer(host.store, 'x', busy)).rejects.toMatchObject({ code: 'BUSY' });
    expect(host.store.load('x').status()).toBe('created');
    closeSync(waiting);
  });
});
