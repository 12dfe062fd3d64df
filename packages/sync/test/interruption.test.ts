import { SIGHUP, SIGINT, SIGQUIT, SIGTERM } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { stopIfInterrupted } from '@oci/sync';
import { describe, expect, it } from 'vitest';

describe('an interruption', () => {
  it.each([SIGHUP, SIGINT, SIGQUIT, SIGTERM])('by signal %d fails the start', (signal) => {
    const k = new FakeKernel();
    k.returns('rt_sigtimedwait', signal);
    expect(() => k.doing('start', () => stopIfInterrupted(k))).toThrow(
      /^start: interrupted by a signal$/,
    );
  });

  it('is looked for without waiting, among the signals that end a command', () => {
    const k = new FakeKernel();
    k.fail('rt_sigtimedwait', 'EAGAIN');
    stopIfInterrupted(k);
    expect(k.lines).toEqual(['rt_sigtimedwait({bits=SIGHUP|SIGINT|SIGQUIT|SIGTERM}, NULL, {}, 8)']);
  });

  it('is not taken for granted when it cannot be looked for', () => {
    const k = new FakeKernel();
    k.fail('rt_sigtimedwait', 'EFAULT');
    expect(() => stopIfInterrupted(k)).toThrow('rt_sigtimedwait: bad address');
  });
});
