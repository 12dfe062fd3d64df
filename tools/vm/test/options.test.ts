import { expect, test } from 'vitest';
import { parseOptions } from '../options.ts';

test('leaves to vitest what is not ours, in the order given', () => {
  const args = ['cgroups', '-t', 'is limited', '--timeout', '60', '--bail=1', '--no-color', 'x.ts'];
  expect(parseOptions(args)).toEqual({
    help: false,
    run: undefined,
    vitest: ['cgroups', '-t', 'is limited', '--bail=1', '--no-color', 'x.ts'],
    timeoutSeconds: 60,
    append: '',
    reports: undefined,
    build: true,
  });
});

test('takes one command', () => {
  const args = ['--run', 'exit 3', '--append=quiet debug=1', '--reports', '/tmp/r'];
  const { run, append, reports, vitest } = parseOptions(args);
  expect({ run, append, reports, vitest }).toEqual({
    run: 'exit 3',
    append: 'quiet debug=1',
    reports: '/tmp/r',
    vitest: [],
  });
});

test.each([
  [['--run'], '--run needs a value'],
  [['--run', 'true', 'cgroups'], 'with --run nothing else is run: cgroups'],
  [['--timeout', 'soon'], '--timeout soon: not a number of seconds'],
  [['--timeout', '0'], '--timeout 0: not a number of seconds'],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('builds first unless told not to', () => {
  expect(parseOptions(['--no-build', 'cgroups'])).toMatchObject({
    build: false,
    vitest: ['cgroups'],
  });
});
