import { expect, it } from 'vitest';
import { ignoresCgroupErrors } from '../src/host.ts';

it('ignores cgroup permission errors of who may have some, unless told not to', () => {
  expect(ignoresCgroupErrors('auto', true)).toBe(true);
  expect(ignoresCgroupErrors('auto', false)).toBe(false);
  expect(ignoresCgroupErrors('true', true)).toBe(true);
  expect(ignoresCgroupErrors('false', true)).toBe(false);
  expect(ignoresCgroupErrors('false', false)).toBe(false);
});

it('has none of root to ignore', () => {
  expect(() => ignoresCgroupErrors('true', false)).toThrow(
    '--rootless true: root is allowed cgroups, so there is nothing to ignore',
  );
});
