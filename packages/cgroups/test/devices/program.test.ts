import type { DeviceCgroup } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import {
  type DeviceRule,
  decode,
  deviceProgram,
  deviceRules,
  disassemble,
  encode,
  simulate,
} from '../../src/devices/index.ts';
import { configWith, everything, randomRules, reference, seeded } from './support.ts';

const listing = (...devices: DeviceCgroup[]) =>
  disassemble(deviceProgram(deviceRules(configWith(devices)) ?? []));

describe('the device program', () => {
  it('of runc’s default config compares each number once', () => {
    expect(listing({ allow: false, access: 'rwm' })).toEqual([
      '  r2 = *(u16 *)(r1 + 0)',
      '  r3 = *(u16 *)(r1 + 2)',
      '  r4 = *(u32 *)(r1 + 4)',
      '  r5 = *(u32 *)(r1 + 8)',
      '  w3 &= 6',
      '  if w3 == 0 goto allow',
      '  if w2 != 2 goto next 0',
      '  if w4 != 1 goto next 1',
      '  if w5 == 3 goto allow',
      '  if w5 == 5 goto allow',
      '  if w5 == 7 goto allow',
      '  if w5 == 8 goto allow',
      '  if w5 == 9 goto allow',
      'next 1:',
      '  if w4 != 5 goto next 2',
      '  if w5 == 0 goto allow',
      '  if w5 == 2 goto allow',
      'next 2:',
      '  if w4 == 136 goto allow',
      'next 0:',
      'deny:',
      '  w0 = 0',
      '  exit',
      'allow:',
      '  w0 = 1',
      '  exit',
    ]);
  });

  it('looks at nothing where everything is allowed, or nothing', () => {
    expect(listing({ allow: true })).toEqual(['allow:', '  w0 = 1', '  exit']);
    expect(disassemble(deviceProgram([]))).toEqual(['deny:', '  w0 = 0', '  exit']);
  });

  it('denies a part of what is allowed', () => {
    expect(listing({ allow: true }, { allow: false, type: 'b', major: 8, access: 'w' })).toEqual([
      '  r2 = *(u16 *)(r1 + 0)',
      '  r3 = *(u16 *)(r1 + 2)',
      '  r4 = *(u32 *)(r1 + 4)',
      '  if w2 != 1 goto next 0',
      '  if w4 != 8 goto next 1',
      '  if w3 & 4 goto deny',
      'next 1:',
      'next 0:',
      'allow:',
      '  w0 = 1',
      '  exit',
      'deny:',
      '  w0 = 0',
      '  exit',
    ]);
  });

  it('opens /dev/null in eleven instructions', () => {
    const program = deviceProgram(deviceRules(configWith([{ allow: false }])) ?? []);
    const verdict = simulate(program, { type: 'c', major: 1, minor: 3, access: 6 });
    expect(verdict).toEqual({ allowed: true, steps: 11 });
  });

  it('answers as the rules say, for many random lists', () => {
    const random = seeded(1);
    let allowed = 0;
    for (let round = 0; round < 1000; round++) {
      const rules = randomRules(random, Math.floor(random() * 9));
      const program = decode(encode(deviceProgram(rules)));
      for (const asked of everything) {
        const expected = reference(rules, asked);
        if (expected) allowed++;
        if (simulate(program, asked).allowed !== expected)
          expect.fail(`${JSON.stringify(asked)} of ${JSON.stringify(rules)}`);
      }
    }
    // Neither verdict is the rule.
    expect(allowed / (1000 * everything.length)).toBeGreaterThan(0.1);
  });

  it('is no longer than one comparison for each number, and its verdicts', () => {
    const rules = Array.from(
      { length: 100 },
      (_, minor): DeviceRule => ({ allow: true, type: 'c', major: 1, minor, access: 7, path: '' }),
    );
    // Three loads (every kind of access is allowed), type, major, 100 minors, two verdicts.
    expect(encode(deviceProgram(rules)).length / 8).toBe(3 + 2 + 100 + 4);
  });
});
