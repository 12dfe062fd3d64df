import {
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
} from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/cli/features.ts';

const [EFAULT, EINVAL, EPERM] = [14, 22, 1];

const ofLinux417 = [
  'SECCOMP_FILTER_FLAG_LOG',
  'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  'SECCOMP_FILTER_FLAG_TSYNC',
];
const all = [...ofLinux417, 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'];

/** What becomes of the flags where seccomp(2) without a filter answers so. */
function flagsWith(answer: (flags: number) => number) {
  const k = new FakeKernel();
  k.returns('seccomp', ({ args: [, flags, filter] }) => {
    expect(filter).toBe(null);
    return answer(Number(flags));
  });
  return features(k).linux?.seccomp;
}

describe('the flags of seccomp(2)', () => {
  const linux417 =
    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  const linux519 =
    linux417 | SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  const knowing = (known: number) => (flags: number) => {
    const waits = flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    const isWrong = flags & ~known || (waits && !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER));
    return isWrong ? -EINVAL : -EFAULT;
  };

  it.each<[string, readonly string[], (flags: number) => number]>([
    ['Linux 4.17', ofLinux417, knowing(linux417)],
    ['Linux 5.19', all, knowing(linux519)],
    ['a filter that denies seccomp(2)', [], () => -EPERM],
  ])('are those that can be loaded with %s', (_, supportedFlags, answer) => {
    expect(flagsWith(answer)).toMatchObject({ knownFlags: all, supportedFlags });
  });

  it('are asked for without loading anything', () => {
    const { knownFlags, supportedFlags } = features(new LiveKernel()).linux?.seccomp ?? {};
    expect(knownFlags).toEqual(all);
    expect(supportedFlags).toContain('SECCOMP_FILTER_FLAG_TSYNC');
  });
});
