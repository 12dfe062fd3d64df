import type { Lane } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { Channel } from '@oci/sync';
import { describe, expect, it } from 'vitest';

/** Both ends in one process: what one lane posts, the other receives. */
function connected() {
  const k = new LiveKernel();
  const channel = new Channel();
  channel.open(k);
  return { k, channel, close: (lane: Lane) => k.close(channel.end(lane)) };
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

  it('takes the end of the stream for the exec', () => {
    const { k, channel, close } = connected();
    close('container');
    channel.waitForExec(k);
    close('host');
  });

  it("fails with the container lane's report", () => {
    const { k, channel, close } = connected();
    const report = k.memory('report', 16);
    k.store(report, 0, 8, 3);
    k.store(report, 8, 8, 13);
    k.write(channel.end('container'), report, 16);
    expect(() => channel.wait(k, 'host', 1)).toThrow('step 3: permission denied');
    close('host');
    close('container');
  });
});
