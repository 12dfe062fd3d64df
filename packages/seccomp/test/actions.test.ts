import { expect, it } from 'vitest';
import { describeReturn, returnValue } from '../src/index.ts';

it('returns what seccomp(2) lists', () => {
  expect(returnValue('SCMP_ACT_KILL')).toBe(0);
  expect(returnValue('SCMP_ACT_KILL_THREAD')).toBe(0);
  expect(returnValue('SCMP_ACT_KILL_PROCESS')).toBe(0x8000_0000);
  expect(returnValue('SCMP_ACT_TRAP')).toBe(0x0003_0000);
  expect(returnValue('SCMP_ACT_ERRNO')).toBe(0x0005_0001);
  expect(returnValue('SCMP_ACT_ERRNO', 0)).toBe(0x0005_0000);
  expect(returnValue('SCMP_ACT_ERRNO', 38)).toBe(0x0005_0026);
  expect(returnValue('SCMP_ACT_NOTIFY')).toBe(0x7fc0_0000);
  expect(returnValue('SCMP_ACT_TRACE')).toBe(0x7ff0_0001);
  expect(returnValue('SCMP_ACT_TRACE', 0xffff)).toBe(0x7ff0_ffff);
  expect(returnValue('SCMP_ACT_LOG')).toBe(0x7ffc_0000);
  expect(returnValue('SCMP_ACT_ALLOW')).toBe(0x7fff_0000);
});

it('puts it into words', () => {
  const words = [0, 0x8000_0000, 0x0005_0026, 0x0005_0fff, 0x7ff0_0000, 0x7fff_0000, 0x1234_0005];
  expect(words.map(describeReturn)).toEqual([
    'KILL_THREAD',
    'KILL_PROCESS',
    'ERRNO(ENOSYS)',
    'ERRNO(4095)',
    'TRACE(0)',
    'ALLOW',
    '0x12340000(5)',
  ]);
});
