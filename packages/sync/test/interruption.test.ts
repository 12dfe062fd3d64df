import { O_CLOEXEC, SIGHUP, SIGINT, SIGQUIT, SIGTERM } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { stopIfInterrupted } from '@oci/sync';
import { describe, expect, it } from 'vitest';
import { interruptions, waitFor } from '../src/interruption.ts';

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

describe('an interruptible wait', () => {
  const k = new LiveKernel();

  /** Two pipes, into some of which something was written: the second stands in for the signals. */
  function waiting(...written: readonly boolean[]) {
    const pipes = written.map((full) => {
      const ends = k.memory('ends', 8);
      k.pipe2(ends, O_CLOEXEC);
      const [from, to] = [k.load(ends, 0, 4), k.load(ends, 4, 4)];
      if (full) k.writeText(to, 'x');
      return { from, to };
    });
    try {
      const [awaited = 0, signals = 0] = pipes.map(({ from }) => from);
      waitFor(k, awaited, signals);
    } finally {
      for (const { from, to } of pipes) [from, to].map((fd) => k.close(fd));
    }
  }

  it('is over when what it waits for is there', () => {
    waiting(true, false);
    waiting(true, true);
  });

  it('fails when a signal comes before', () => {
    expect(() => waiting(false, true)).toThrow('interrupted by a signal');
  });

  it('is interrupted by the signals that end a command, and by nothing that exec passes on', () => {
    const fake = new FakeKernel();
    interruptions(fake);
    expect(fake.lines).toEqual([
      'signalfd4(-1, {bits=SIGHUP|SIGINT|SIGQUIT|SIGTERM}, 8, O_CLOEXEC)',
    ]);
  });
});
