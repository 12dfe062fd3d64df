import { describe, expect, it } from 'vitest';
import { FakeWorld } from './support.ts';

describe('wrong command lines', () => {
  it.each([
    [['--bogus', 'list'], 'flag provided but not defined: -bogus', 1],
    [['list', '--bogus'], 'flag provided but not defined: -bogus', 1],
    [['list', '-x'], 'flag provided but not defined: -x', 1],
    [['list', '--root', '/x'], 'flag provided but not defined: -root', 1],
    [['--root'], 'flag needs an argument: -root', 1],
    [['create', 'x', '--pid-file'], 'flag needs an argument: -pid-file', 1],
    [['create', 'x', '-b'], 'flag needs an argument: -bundle', 1],
    [['state'], '"state" requires exactly 1 argument(s)', 1],
    [['state', 'a', 'b'], '"state" requires exactly 1 argument(s)', 1],
    [['kill'], '"kill" requires a minimum of 1 argument(s)', 1],
    [['kill', 'a', 'b', 'c'], '"kill" requires a maximum of 2 argument(s)', 1],
    [['list', 'a'], '"list" requires exactly 0 argument(s)', 1],
    [['features', 'a'], '"features" requires exactly 0 argument(s)', 1],
    [['nosuch'], "No help topic for 'nosuch'", 3],
    [['nosuch', 'list'], "No help topic for 'nosuch'", 3],
    [['--log-format', 'xml', 'list'], 'invalid log-format: xml', 1],
    [['--rootless', 'maybe', 'list'], 'invalid rootless value: maybe', 1],
    [['--root', '', 'list'], '--root needs a path', 1],
    [['--debug=maybe', 'list'], 'invalid boolean value "maybe" for -debug: parse error', 1],
  ])('%j is refused as runc does', async (args, message, status) => {
    const world = new FakeWorld();
    const result = await world.run(...args);
    expect(result).toEqual({ status, stdout: '', stderr: `ocirun: ${message}\n` });
    expect(world.engine.compiled).toEqual([]);
  });

  it.each(['abc', '-3', '1.5', '', '0x1'])('--preserve-fds %j is refused', async (value) => {
    const result = await new FakeWorld().run('create', `--preserve-fds=${value}`, 'x');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/^ocirun: .*--preserve-fds.*not below zero\.\n$/);
  });
});

describe('help and version', () => {
  it.each([[['--version']], [['-v']], [['-version']]])('%j prints the version', async (args) => {
    const { status, stdout, stderr } = await new FakeWorld().run(...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^ocirun version \d+\.\d+\.\d+\nspec: 1\.3\.0\n$/);
  });

  it.each([[[]], [['--help']], [['-h']], [['-help']], [['help']], [['--debug']]])(
    '%j lists all commands',
    async (args) => {
      const { status, stdout, stderr } = await new FakeWorld().run(...args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const command of ['create', 'start', 'state', 'kill', 'delete', 'run', 'list']) {
        expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
      }
      for (const command of ['spec', 'features', 'seccomp', 'compile', 'plan']) {
        expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
      }
    },
  );

  it.each([[['kill', '--help']], [['kill', '-h']], [['help', 'kill']]])(
    '%j tells of one',
    async (args) => {
      const { status, stdout } = await new FakeWorld().run(...args);
      expect(status).toBe(0);
      expect(stdout).toContain('Usage: ocirun kill [options] <container-id> [signal]');
      expect(stdout).toContain('-a, --all');
    },
  );

  it('ends quietly when nobody reads', async () => {
    for (const args of [['--version'], ['--help'], [], ['features']]) {
      const world = new FakeWorld();
      world.closed = true;
      expect(await world.run(...args)).toEqual({ status: 141, stdout: '', stderr: '' });
    }
  });
});
