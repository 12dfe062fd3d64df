import { type Fd, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { Channel } from '@oci/sync';
import { describe, expect, it } from 'vitest';
import {
  newSession,
  notDumpable,
  openChannel,
  partLanes,
  readyStage,
} from '../../src/stages/lanes.ts';

describe('the lanes', () => {
  it('part: each keeps its own end, and the container not the lock', () => {
    const k = new FakeKernel();
    const channel = new Channel();
    const directory = new Provision<Fd>('state directory');
    directory.provide(30);
    const end = new Provision<Fd>('container end');
    openChannel(channel).run(k);
    const [host, container] = partLanes(channel, directory, end);
    expect([host?.lane, container?.lane]).toEqual(['host', 'container']);
    host?.run(k);
    expect(k.lines.slice(1)).toEqual(['close(4)', expect.stringMatching(/^signalfd4/)]);
    container?.run(k);
    expect(k.lines.slice(3)).toEqual(['close(3)', 'close(30)']);
    expect(end.value).toBe(4);
  });

  it('tell what could not be made', () => {
    const k = new FakeKernel();
    k.fail('socketpair', 'EMFILE');
    expect(() => openChannel(new Channel()).run(k)).toThrow(
      'make the channel between the lanes: socketpair: too many open files',
    );
  });

  it('meet without a call of their own', () => {
    const k = new FakeKernel();
    const ready = new Provision('ready');
    const stage = readyStage(ready);
    expect(stage).toMatchObject({ lane: 'container', provides: [ready] });
    expect(() => ready.value).toThrow();
    stage.run(k);
    expect(() => ready.value).not.toThrow();
    expect(k.lines).toEqual([]);
  });

  it('are apart: no tracing of the container one, and a session of its own', () => {
    const k = new FakeKernel();
    for (const stage of [notDumpable(), newSession()]) {
      expect(stage.lane).toBe('container');
      stage.run(k);
    }
    expect(k.lines).toEqual(['prctl(PR_SET_DUMPABLE, 0)', 'setsid()']);
  });
});
