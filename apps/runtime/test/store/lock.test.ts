import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { LiveKernel } from '@oci/kernel/live';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../src/store/lock.ts';
import { FakeKernel, kernelError, temporaryDirectory } from './support.ts';

function directory(): string {
  const path = join(temporaryDirectory(), 'x');
  mkdirSync(path);
  return path;
}

describe('withLock', () => {
  it('lets one in at a time, by the kernel', async () => {
    const path = directory();
    const kernel = new LiveKernel();
    let inside = 0;
    let most = 0;
    const visit = () =>
      withLock(path, kernel, 5000, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      });
    await Promise.all([visit(), visit(), visit()]);
    expect(most).toBe(1);
  });

  it('gives up after a while, and the lock is free after its holder failed', async () => {
    const path = directory();
    const kernel = new LiveKernel();
    const holder = withLock(path, kernel, 0, async () => {
      await expect(withLock(path, kernel, 20, () => 'in')).rejects.toMatchObject({ code: 'BUSY' });
      throw new Error('failed inside');
    });
    await expect(holder).rejects.toThrow('failed inside');
    expect(await withLock(path, kernel, 0, () => 'in')).toBe('in');
  });

  it('notices that the directory was removed while it waited', async () => {
    const path = directory();
    const kernel = new FakeKernel();
    kernel.onLock = () => rmdirSync(path);
    const body = () => expect.unreachable();
    await expect(withLock(path, kernel, 1000, body)).rejects.toThrow('container does not exist');
  });

  it('locks the new directory when it was made anew', async () => {
    const path = directory();
    const kernel = new FakeKernel();
    let locked = 0;
    kernel.onLock = () => {
      locked += 1;
      if (locked > 1) return;
      renameSync(path, `${path}-old`);
      mkdirSync(path);
    };
    expect(await withLock(path, kernel, 1000, () => 'in')).toBe('in');
    expect(locked).toBe(2);
  });

  it('tries again while another holds it', async () => {
    const kernel = new FakeKernel();
    let tries = 0;
    kernel.onLock = () => {
      tries += 1;
      if (tries < 3) throw kernelError('flock', 'EAGAIN');
    };
    expect(await withLock(directory(), kernel, 1000, () => 'in')).toBe('in');
    expect(tries).toBe(3);
  });

  it('passes other errors on', async () => {
    const kernel = new FakeKernel();
    kernel.onLock = () => {
      throw kernelError('flock', 'EPERM');
    };
    await expect(withLock(directory(), kernel, 1000, () => 'in')).rejects.toThrow('flock');
  });
});
