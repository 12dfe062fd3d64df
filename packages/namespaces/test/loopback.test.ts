import type { Stage } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { loopbackStages } from '../src/index.ts';
import { configWith } from './config.ts';

function lines(stages: readonly Stage[]): string[] {
  const k = new FakeKernel();
  for (const stage of stages) stage.run(k);
  return [...k.lines];
}

describe('lo', () => {
  it('is brought up in a new network namespace', () => {
    expect(lines(loopbackStages(configWith({ namespaces: [{ type: 'network' }] })))).toEqual([
      'socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, 0)',
      'ioctl(3, 0x8914, {ifr_name=28524, ifr_flags=IFF_UP|IFF_RUNNING})',
      'close(3)',
    ]);
  });

  it('is left alone in one that is joined, and without one', () => {
    const joined = configWith({ namespaces: [{ type: 'network', path: '/run/netns/x' }] });
    for (const config of [configWith({}), joined]) expect(loopbackStages(config)).toEqual([]);
  });
});
