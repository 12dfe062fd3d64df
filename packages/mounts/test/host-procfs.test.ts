import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { expect, it } from 'vitest';
import { openHostProcfs } from '../src/host-procfs.ts';

const line = (root: string, point: string, type: string, optional = '') =>
  `36 35 98:0 ${root} ${point} rw,noatime ${optional}- ${type} none rw\n`;

const MOUNTINFO = [
  line('/', '/', 'ext4'),
  line('/', '/proc', 'proc', 'shared:1 '),
  line('/sys', '/proc/sys', 'proc'),
  line('/', '/sys', 'sysfs', 'shared:2 master:1 '),
  line('/', '/mnt/xproc', 'xproc'),
  line('/', '/mnt/xsysfs', 'xsysfs'),
  line('/', '/srv/chroot\\040of\\134mine/proc', 'proc'),
  line('/', '/srv/-', 'tmpfs'),
].join('');

/** Gives mountinfo out in pieces that end anywhere. */
function reading(k: FakeKernel, size: number): string[] {
  const bytes = Buffer.from(MOUNTINFO);
  const opened: string[] = [];
  let at = 0;
  k.returns('read', ({ args: [, memory] }: FakeCall) => {
    if (!(memory instanceof FakeMemory)) throw new Error('read without memory');
    const length = bytes.copy(memory.bytes, 0, at, at + size);
    at += length;
    return length;
  });
  k.returns('openat', ({ args: [, path] }: FakeCall) => {
    const { parts = [] } = typeof path === 'object' && path && 'parts' in path ? path : {};
    for (const part of parts) if (part instanceof FakeMemory) opened.push(String(part.text));
    return 700 + opened.length;
  });
  return opened;
}

it.each([4096, 7, 1])('finds whole procfs and sysfs mounts, read %d bytes at a time', (size) => {
  const k = new FakeKernel();
  const opened = reading(k, size);
  const { descriptors, count } = openHostProcfs(k);
  expect(opened).toEqual(['/proc', '/sys', '/srv/chroot of\\mine/proc']);
  expect(count).toBe(3);
  expect(k.load(descriptors, 16, 8)).toBe(703);
});
