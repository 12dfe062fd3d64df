import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/log/explain.ts';
import { formatEntry } from '../../src/log/format.ts';
import { temporaryDirectory } from '../store/support.ts';
import { FakeWorld } from './support.ts';

const time = new Date('2026-11-21T10:00:00.987Z');

describe('formatEntry', () => {
  it.each([
    ['plain', 'plain'],
    ['a-b_c./@^+', 'a-b_c./@^+'],
    ['two words', '"two words"'],
    ['', '""'],
    ['say "x"\\', '"say \\"x\\"\\\\"'],
    ['a\nb\tc', '"a\\nb\\tc"'],
    ['a\u0001b\u007f', '"a\\x01b\\x7f"'],
    ['ä=1', '"ä=1"'],
  ])('writes %j as logrus writes text', (message, quoted) => {
    expect(formatEntry({ level: 'error', message, time }, 'text')).toBe(
      `time="2026-11-21T10:00:00Z" level=error msg=${quoted}\n`,
    );
  });

  it.each([
    ['two "words"', '"two \\"words\\""'],
    ['<a & b>\u2028', '"\\u003ca \\u0026 b\\u003e\\u2028"'],
    ['a\nb', '"a\\nb"'],
  ])('writes %j as logrus writes JSON', (message, quoted) => {
    const line = formatEntry({ level: 'warning', message, time }, 'json');
    expect(line).toBe(`{"level":"warning","msg":${quoted},"time":"2026-11-21T10:00:00Z"}\n`);
    expect(JSON.parse(line)).toMatchObject({ msg: message });
  });
});

describe('errors', () => {
  const args = ['state', '--', 'no such'];
  const message = 'invalid container ID format: "no such"';

  it('go to the standard error as a line that people read', async () => {
    expect((await new FakeWorld().run(...args)).stderr).toBe(`ocirun: ${message}\n`);
  });

  it('go there as JSON when asked', async () => {
    expect((await new FakeWorld().run('--log-format', 'json', ...args)).stderr).toBe(
      `{"level":"error","msg":${JSON.stringify(message)},"time":"2026-11-21T10:00:00Z"}\n`,
    );
  });

  it.each([
    [[], `time="2026-11-21T10:00:00Z" level=error msg=${JSON.stringify(message)}\n`],
    [
      ['--log-format=json'],
      `{"level":"error","msg":${JSON.stringify(message)},"time":"2026-11-21T10:00:00Z"}\n`,
    ],
  ])('go to a log file too, with %j', async (flags, line) => {
    const log = join(temporaryDirectory(), 'log');
    const world = new FakeWorld();
    expect((await world.run('--log', log, ...flags, ...args)).stderr).toBe(`${message}\n`);
    await world.run('--log', log, ...flags, ...args);
    expect(readFileSync(log, 'utf8')).toBe(line + line);
  });

  it('of the command line go to the log file too', async () => {
    const log = join(temporaryDirectory(), 'log');
    const { stderr } = await new FakeWorld().run('--log', log, 'list', '--bogus');
    expect(stderr).toBe('flag provided but not defined: -bogus\n');
    expect(readFileSync(log, 'utf8')).toContain('msg="flag provided but not defined: -bogus"');
  });

  it('tell of a log file that cannot be written, once', async () => {
    const result = await new FakeWorld().run('--log', '/nonexistent/log', 'list');
    expect(result).toEqual({
      status: 1,
      stdout: '',
      stderr: 'ocirun: open /nonexistent/log: no such file or directory\n',
    });
  });

  it('that nobody foresaw take one line, and a stack only with --debug', async () => {
    const world = new FakeWorld();
    world.engine.error = new TypeError('x is not\n  a function');
    const root = temporaryDirectory();
    expect((await world.run('--root', root, 'create', 'x')).stderr).toBe(
      'ocirun: internal error: x is not; a function\n',
    );
    const { stderr } = await world.run('--debug', '--root', root, 'create', 'x');
    expect(stderr).toMatch(/^ocirun: debug: TypeError: x is not[\s\S]*\n\s+at /m);
  });
});

describe('warnings and debug lines', () => {
  it('go to the log file alone', async () => {
    const world = new FakeWorld();
    world.engine.warnings = ['odd'];
    const directory = temporaryDirectory();
    const log = join(directory, 'log');
    const flags = ['--debug', '--log', log, '--root', join(directory, 'root')];
    expect((await world.run(...flags, 'create', 'x')).stderr).toBe('');
    const lines = readFileSync(log, 'utf8').split('\n');
    expect(lines).toContain('time="2026-11-21T10:00:00Z" level=warning msg=odd');
    expect(lines.filter((line) => line.includes('level=debug')).length).toBeGreaterThan(1);
  });

  it('are not said without --debug', async () => {
    const world = new FakeWorld();
    const root = temporaryDirectory();
    expect((await world.run('--root', root, 'create', 'x')).stderr).toBe('');
    expect((await world.run('--debug', '--root', root, 'create', 'x')).stderr).toMatch(
      /^(ocirun: debug: .*\n)+$/,
    );
  });
});

describe('explain', () => {
  it.each([
    [new Error('a\n b'), 'a; b'],
    [new RangeError('r'), 'internal error: r'],
    ['thrown', 'thrown'],
    [
      Object.assign(new Error("EXDEV: cross-device link not permitted, rename '/a' -> '/b'"), {
        ...{ code: 'EXDEV', syscall: 'rename', path: '/a', dest: '/b' },
      }),
      'rename /a -> /b: cross-device link not permitted',
    ],
    [
      Object.assign(new Error('ENOSPC: no space left on device, write'), {
        ...{ code: 'ENOSPC', syscall: 'write' },
      }),
      'write: no space left on device',
    ],
  ])('tells %s as %j', (error, line) => {
    expect(explain(error)).toBe(line);
  });
});
