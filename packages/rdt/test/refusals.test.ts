import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { Refusals } from '../src/refusals.ts';

/** The message of a command that fails, where the kernel's own words are these. */
function messageOf(words: string | undefined, errno: 'ENOSPC' | 'EIO' = 'ENOSPC'): string {
  const kernel = new FakeKernel();
  kernel.fail('mkdirat', errno);
  if (words === undefined) kernel.fail('openat', 'ENOENT');
  kernel.returns('read', ({ args: [, memory] }) => {
    const bytes = Buffer.from(words ?? '');
    if (memory instanceof FakeMemory) bytes.copy(memory.bytes);
    return bytes.length;
  });
  const refusals = new Refusals(kernel, '/r');
  try {
    refusals.explain('/r/c1: mkdirat', () => kernel.mkdirat(kernel.cwd, '/r/c1', 0o755));
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'no failure';
}

describe('Refusals', () => {
  const plain = '/r/c1: mkdirat: no space left on device';

  it('add the first line of what the kernel says', () => {
    expect(messageOf('Out of CLOSIDs\n')).toBe(`${plain}: Out of CLOSIDs`);
    expect(messageOf('Out of CLOSIDs')).toBe(`${plain}: Out of CLOSIDs`);
    expect(messageOf('one\ntwo\n')).toBe(`${plain}: one`);
    expect(messageOf('x'.repeat(512))).toBe(`${plain}: ${'x'.repeat(512)}`);
  });

  it('add nothing where it says nothing', () => {
    expect(messageOf('ok\n')).toBe(plain);
    expect(messageOf('')).toBe(plain);
    expect(messageOf(undefined)).toBe(plain);
  });

  it('leave errors alone that resctrl does not give', () => {
    expect(messageOf('Out of CLOSIDs\n', 'EIO')).toBe('mkdirat: input/output error');
  });

  it('ask for nothing where all goes well', () => {
    const kernel = new FakeKernel();
    new Refusals(kernel, '/r').explain('x', () => kernel.getpid());
    expect(kernel.lines).toEqual(['getpid()']);
  });
});
