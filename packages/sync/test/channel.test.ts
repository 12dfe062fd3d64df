import type { Lane } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { Channel, type ChannelOptions } from '@oci/sync';
import { describe, expect, it } from 'vitest';

/** Both ends in one process: what one lane posts, the other receives. */
function connected(options?: ChannelOptions) {
  const k = new LiveKernel();
  const channel = new Channel(options);
  channel.open(k);
  return { k, channel, close: (lane: Lane) => k.close(channel.end(lane)) };
}

/** What a container lane sends when its step 3 failed: EACCES. */
function report(k: LiveKernel, channel: Channel): void {
  const words = k.memory('report', 16);
  k.store(words, 0, 8, 3);
  k.store(words, 8, 8, 13);
  k.write(channel.end('container'), words, 16);
}

describe('a channel', () => {
  it('counts signals', () => {
    const { k, channel, close } = connected();
    channel.post(k, 'container');
    channel.post(k, 'container');
    channel.wait(k, 'host', 2);
    // Waited for already: this would block for ever if it read again.
    channel.wait(k, 'host', 1);
    channel.post(k, 'host');
    channel.wait(k, 'container', 1);
    close('host');
    close('container');
  });

  it('tells the host lane that the container lane is gone', () => {
    const { k, channel, close } = connected();
    close('container');
    expect(() => channel.wait(k, 'host', 1)).toThrow('ended before it was set up');
    close('host');
  });

  it('names what may have ended the container lane', () => {
    const { k, channel, close } = connected({ suspects: ['one may have', 'another may have'] });
    close('container');
    expect(() => channel.wait(k, 'host', 1)).toThrow(
      'ended before it was set up; one may have; another may have',
    );
    close('host');
  });

  it('takes the end of the stream for the exec', () => {
    const { k, channel, close } = connected();
    close('container');
    channel.waitForExec(k);
    close('host');
  });

  it("fails with the container lane's report", () => {
    const { k, channel, close } = connected();
    report(k, channel);
    expect(() => channel.wait(k, 'host', 1)).toThrow('step 3: permission denied');
    close('host');
    close('container');
  });

  // The end of a socket with something unread resets the other, and the error comes first (unix(7)).
  it("fails with the container lane's report, although that left a signal unread", () => {
    const { k, channel, close } = connected();
    channel.post(k, 'host');
    report(k, channel);
    close('container');
    expect(() => channel.wait(k, 'host', 1)).toThrow('step 3: permission denied');
    close('host');
  });

  it("fails with the container lane's report, although a signal comes too late for it", () => {
    const { k, channel, close } = connected();
    report(k, channel);
    close('container');
    const rest = () => {
      channel.post(k, 'host');
      channel.wait(k, 'host', 1);
    };
    expect(rest).toThrow('step 3: permission denied');
    close('host');
  });

  // The reset is told to whichever call comes first, and that may be one that sends.
  it("fails with the container lane's report, one signal unread and one too late", () => {
    const { k, channel, close } = connected();
    channel.post(k, 'host');
    report(k, channel);
    close('container');
    const rest = () => {
      channel.post(k, 'host');
      channel.wait(k, 'host', 1);
    };
    expect(rest).toThrow('step 3: permission denied');
    close('host');
  });

  it('fails as reported when asked, and waits for no report', () => {
    const { k, channel, close } = connected();
    channel.failAsReported(k);
    report(k, channel);
    expect(() => channel.failAsReported(k)).toThrow('step 3: permission denied');
    close('container');
    close('host');
  });

  it('hands numbers over, which are no signals', () => {
    const { k, channel, close } = connected({ numbers: true });
    channel.tell(k, 41);
    channel.tell(k, 42);
    channel.post(k, 'container');
    channel.wait(k, 'host', 1);
    expect(channel.told(k)).toBe(42);
    channel.tell(k, 43);
    report(k, channel);
    expect(() => channel.wait(k, 'host', 2)).toThrow('step 3: permission denied');
    close('container');
    close('host');
  });

  it('hands no numbers over unless it is made to', () => {
    const { k, channel, close } = connected();
    expect(() => channel.tell(k, 1)).toThrow('not open for numbers');
    expect(() => channel.told(k)).toThrow('not open for numbers');
    close('container');
    close('host');
  });

  it('ends the container lane when the host lane is gone', () => {
    const k = new FakeKernel();
    const channel = new Channel();
    channel.open(k);
    channel.wait(k, 'container', 1);
    expect(k.lines.slice(1)).toEqual(['read(4, message, 16)', 'exit_group(1)']);
  });

  it('closes on exec, and in each lane the end of the other', () => {
    const k = new FakeKernel();
    const channel = new Channel();
    channel.open(k);
    channel.keep(k, 'host');
    expect(k.lines).toEqual([
      'socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, channel)',
      'close(4)',
      expect.stringMatching(/^signalfd4/),
    ]);
    expect(channel.end('host')).toBe(3);
  });

  it('cannot be used before it is open', () => {
    const k = new FakeKernel();
    const unopened = () => new Channel();
    expect(() => unopened().post(k, 'host')).toThrow('the channel is not open');
    expect(() => unopened().wait(k, 'host', 1)).toThrow('the channel is not open');
    expect(() => unopened().waitForExec(k)).toThrow('the channel is not open');
    expect(() => unopened().failAsReported(k)).toThrow('the channel is not open');
  });
});
