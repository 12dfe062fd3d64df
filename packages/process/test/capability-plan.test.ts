import { CAP_CHOWN, CAP_KILL, CAP_SETPCAP } from '@oci/kernel';
import type { Capabilities } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { type CapabilityFacts, planCapabilities } from '../src/index.ts';
import { all } from './config.ts';

const bit = (capability: number) => 1n << BigInt(capability);
const kill = bit(CAP_KILL);
const full: CapabilityFacts = { permitted: all, lastCapability: 40 };

function plan(capabilities: Capabilities | undefined, facts = full) {
  const { warnings, ...rest } = planCapabilities(capabilities, facts);
  return { ...rest, warnings: warnings.map(({ path, message }) => `${path}: ${message}`) };
}

describe('planCapabilities', () => {
  it('grants what can be granted', () => {
    const five = ['CAP_KILL'];
    const all = {
      bounding: five,
      effective: five,
      permitted: five,
      inheritable: five,
      ambient: five,
    };
    const { sets, ambient, dropped, warnings } = plan(all);
    expect(sets).toEqual({ effective: kill, permitted: kill, inheritable: kill });
    expect(ambient).toBe(kill);
    expect(dropped).toHaveLength(40);
    expect(dropped).not.toContain(CAP_KILL);
    expect(warnings).toEqual([]);
  });

  it('grants nothing without the section', () => {
    const { sets, ambient, dropped, warnings } = plan(undefined);
    expect(sets).toEqual({ effective: 0n, permitted: 0n, inheritable: 0n });
    expect([ambient, dropped.length, warnings]).toEqual([0n, 41, []]);
  });

  it('warns of names that nobody, or this kernel, does not know', () => {
    const facts = { permitted: all, lastCapability: CAP_KILL };
    const { sets, dropped, warnings } = plan(
      { permitted: ['CAP_KILL', 'CAP_BPF', 'CAP_NONSENSE', 'kill'] },
      facts,
    );
    expect(sets.permitted).toBe(kill);
    expect(Math.max(...dropped)).toBe(CAP_KILL);
    expect(warnings).toContain(
      'process.capabilities.permitted: CAP_BPF, CAP_NONSENSE, kill cannot be granted: not known to this kernel',
    );
  });

  it('grants no more than the runtime has', () => {
    const facts = { permitted: all & ~kill, lastCapability: 40 };
    const both = ['CAP_KILL', 'CAP_CHOWN'];
    const { sets, warnings } = plan({ permitted: both, effective: both, bounding: both }, facts);
    expect(sets).toEqual({ effective: bit(CAP_CHOWN), permitted: bit(CAP_CHOWN), inheritable: 0n });
    expect(warnings).toEqual([
      'process.capabilities.permitted: CAP_KILL cannot be granted: the runtime does not have it',
      'process.capabilities.effective: CAP_KILL cannot be granted: not permitted',
    ]);
  });

  it('makes nothing inheritable that is not bounding, as the kernel would refuse all of it', () => {
    const { sets, warnings } = plan({
      inheritable: ['CAP_KILL', 'CAP_CHOWN'],
      bounding: ['CAP_KILL'],
    });
    expect(sets.inheritable).toBe(kill);
    expect(warnings).toEqual([
      'process.capabilities.inheritable: CAP_CHOWN cannot be granted: not in the bounding set',
    ]);
  });

  it('leaves the bounding set where it may not be reduced', () => {
    const facts = { permitted: all & ~bit(CAP_SETPCAP), lastCapability: 40 };
    const { dropped, warnings } = plan({}, facts);
    expect(dropped).toEqual([]);
    expect(warnings).toEqual([
      'process.capabilities.bounding: cannot be reduced: the runtime does not have CAP_SETPCAP',
    ]);
  });
});
