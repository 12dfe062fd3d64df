import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SpecError } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { FakeHost, temporaryDirectory } from '../store/support.ts';
import { FakeWorld } from './support.ts';

const defaults = {
  bundle: process.cwd(),
  mode: 'create',
  detach: false,
  keep: false,
  noPivot: false,
  newKeyring: true,
  preserveFds: 0,
  cgroupManager: 'cgroupfs',
  subreaper: false,
  sequential: false,
  logFormat: 'text',
};

function root(): string {
  return join(temporaryDirectory(), 'deep', 'root');
}

describe('create', () => {
  it('compiles the bundle here and becomes its launcher', async () => {
    const world = new FakeWorld();
    const dir = root();
    expect(await world.run('--root', dir, 'create', 'x')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(world.engine.compiled).toEqual([defaults]);
    expect(world.engine.launched).toEqual([
      { args: ['ocirun', '--root', dir, 'x'], preserveFds: 0 },
    ]);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it.each([
    [['-b', '/b'], { bundle: '/b' }],
    [['--bundle', '/b/'], { bundle: '/b' }],
    [['--bundle=/b'], { bundle: '/b' }],
    [['-bundle', '/b'], { bundle: '/b' }],
    [['--bundle', 'sub'], { bundle: join(process.cwd(), 'sub') }],
    [['--no-pivot'], { noPivot: true }],
    [['--no-pivot=true'], { noPivot: true }],
    [['--no-pivot=false'], { noPivot: false }],
    [['-no-pivot'], { noPivot: true }],
    [['--no-new-keyring'], { newKeyring: false }],
    [['--preserve-fds', '3'], { preserveFds: 3 }],
    [['--preserve-fds=0'], { preserveFds: 0 }],
    [['--sequential'], { sequential: true }],
  ])('reads %j', async (flags, options) => {
    const world = new FakeWorld();
    await world.run('--root', root(), 'create', ...flags, 'x');
    await world.run('--root', root(), 'create', 'x', ...flags);
    const expected = { ...defaults, ...options };
    expect(world.engine.compiled).toEqual([expected, expected]);
    expect(world.engine.launched.map(({ preserveFds }) => preserveFds)).toEqual([
      expected.preserveFds,
      expected.preserveFds,
    ]);
  });

  it('hands files on by absolute paths', async () => {
    const world = new FakeWorld();
    const dir = root();
    const log = join(temporaryDirectory(), 'log');
    const flags = ['--pid-file', 'pid', '--console-socket', 'console.sock'];
    await world.run('--root', dir, '--log', log, 'create', ...flags, 'x');
    const pid = join(process.cwd(), 'pid');
    expect(world.engine.launched[0]?.args).toEqual([
      ...['ocirun', '--root', dir, '--pid-file', pid],
      ...['--console-socket', join(process.cwd(), 'console.sock'), '--log', log, 'x'],
    ]);
  });

  it('tells the compiler how to log', async () => {
    const world = new FakeWorld();
    await world.run('--log-format', 'json', '--root', root(), 'create', 'x');
    expect(world.engine.compiled[0]?.logFormat).toBe('json');
  });

  it.each([
    [['--cgroup-manager', 'mine', 'create', 'x'], 'invalid cgroup-manager: mine'],
    [
      ['--systemd-cgroup', '--cgroup-manager', 'disabled', 'create', 'x'],
      '--systemd-cgroup contradicts --cgroup-manager disabled',
    ],
    [['create', 'a/b'], 'invalid container ID format: "a/b"'],
    [['create', ''], 'container id cannot be empty'],
    [['create', '..'], 'invalid container ID format'],
  ])('refuses %j before it compiles anything', async (args, message) => {
    const world = new FakeWorld();
    const dir = root();
    const { status, stderr } = await world.run('--root', dir, ...args);
    expect(status).toBe(1);
    expect(stderr).toContain(`ocirun: ${message}`);
    expect(world.engine.compiled).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });

  it.each([
    [['--cgroup-manager', 'cgroupfs'], {}],
    [['--cgroup-manager=disabled'], { cgroupManager: 'disabled' }],
    // A unit may be named after the container.
    [['--cgroup-manager', 'systemd'], { cgroupManager: 'systemd', id: 'x' }],
    [['--systemd-cgroup'], { cgroupManager: 'systemd', id: 'x' }],
    [['-systemd-cgroup=true'], { cgroupManager: 'systemd', id: 'x' }],
    [['--systemd-cgroup=false'], {}],
    [['--systemd-cgroup', '--cgroup-manager=systemd'], { cgroupManager: 'systemd', id: 'x' }],
  ])('%j decides who makes the cgroup', async (globals, options) => {
    const world = new FakeWorld();
    await world.run(...globals, '--root', root(), 'create', 'x');
    expect(world.engine.compiled).toEqual([{ ...defaults, ...options }]);
  });

  it.each([
    [['--rootless', 'auto'], {}],
    [['--rootless=true'], { rootless: 'true' }],
    [['--rootless', 'false'], { rootless: 'false' }],
  ])('%j decides about cgroup permission errors', async (globals, options) => {
    const world = new FakeWorld();
    await world.run(...globals, '--root', root(), 'create', 'x');
    expect(world.engine.compiled).toEqual([{ ...defaults, ...options }]);
  });

  it('refuses an id in use', async () => {
    const world = new FakeWorld();
    const host = new FakeHost();
    host.container('x', null);
    const { status, stderr } = await world.run('--root', host.root, 'create', 'x');
    expect(status).toBe(1);
    expect(stderr).toBe('ocirun: container with given ID already exists\n');
    expect(world.engine.compiled).toEqual([]);
  });

  it('leaves nothing behind when the bundle is no good', async () => {
    const world = new FakeWorld();
    const dir = root();
    const issue = { path: 'process.cwd', message: 'must be absolute' };
    world.engine.error = new SpecError('config.json', [issue]);
    expect(await world.run('--root', dir, 'create', 'x')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'ocirun: config.json: process.cwd: must be absolute\n',
    });
    expect(world.engine.launched).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });

  it('passes warnings on', async () => {
    const world = new FakeWorld();
    world.engine.warnings = ['odd', 'odder'];
    const { stderr } = await world.run('--root', root(), 'create', 'x');
    expect(stderr).toBe('ocirun: warning: odd\nocirun: warning: odder\n');
  });

  it('has no flags of run', async () => {
    const world = new FakeWorld();
    expect(await world.run('create', '--keep', 'x')).toMatchObject({
      status: 1,
      stderr: 'ocirun: flag provided but not defined: -keep\n',
    });
  });
});

describe('run', () => {
  it.each([
    [[], {}],
    [['-d'], { detach: true }],
    [['--detach'], { detach: true }],
    [['--keep'], { keep: true }],
    [['--no-subreaper'], { subreaper: false }],
    [['-d', '--no-pivot', '--preserve-fds', '1'], { detach: true, noPivot: true, preserveFds: 1 }],
  ])('reads %j', async (flags, options) => {
    const world = new FakeWorld();
    const dir = root();
    await world.run('--root', dir, 'run', ...flags, 'x');
    expect(world.engine.compiled).toEqual([
      { ...defaults, mode: 'run', subreaper: true, ...options },
    ]);
    expect(world.engine.launched[0]?.args).toEqual(['ocirun', '--root', dir, 'x']);
  });
});

describe('compile', () => {
  it('writes an executable file, whole or not at all', async () => {
    const world = new FakeWorld();
    const directory = temporaryDirectory();
    const file = join(directory, 'launcher');
    const args = ['compile', '/b', '-o', file, '--detach', '--keep', '--no-pivot'];
    expect(await world.run(...args, '--preserve-fds', '2', '--sequential')).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    expect(world.engine.compiled).toEqual([
      {
        ...defaults,
        ...{ bundle: '/b', mode: 'run', detach: true, keep: true, noPivot: true },
        ...{ preserveFds: 2, subreaper: true, sequential: true, kept: true },
      },
    ]);
    expect([...readFileSync(file)]).toEqual([...world.engine.launcher]);
    expect(statSync(file).mode & 0o7777).toBe(0o755);
    expect(world.engine.launched).toEqual([]);
  });

  it('needs to know where to', async () => {
    expect(await new FakeWorld().run('compile', '/b')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("'-o, --output <file>'"),
    });
  });

  it('says why a file cannot be written', async () => {
    const directory = temporaryDirectory();
    const world = new FakeWorld();
    const missing = await world.run('compile', '/b', '-o', join(directory, 'none', 'launcher'));
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(/^ocirun: open \/.*: no such file or directory\n$/);
    const taken = await world.run('compile', '/b', '-o', directory);
    expect(taken.status).toBe(1);
    expect(taken.stderr).toMatch(/^ocirun: rename \/.*directory.*\n$/);
  });
});

describe('plan', () => {
  it('prints the program of this directory, or of another', async () => {
    const world = new FakeWorld();
    expect(await world.run('plan')).toEqual({ status: 0, stdout: 'host:\n  clone3\n', stderr: '' });
    await world.run('plan', '/b', '--sequential');
    expect(world.engine.compiled).toMatchObject([
      { bundle: process.cwd(), mode: 'run', sequential: false },
      { bundle: '/b', mode: 'run', sequential: true },
    ]);
  });
});
