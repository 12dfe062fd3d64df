import { closeSync, existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FakeHost, stateOf, waitAt } from '../store/support.ts';
import { FakeWorld } from './support.ts';

/** What the real process table says is alive: this very process. */
async function selfState() {
  const { ProcessTable } = await import('../../src/store/processes.ts');
  const stat = new ProcessTable().stat(process.pid);
  return { pid: process.pid, startTime: stat?.startTime ?? 0 };
}

describe('state', () => {
  it("prints runc's JSON", async () => {
    const host = new FakeHost();
    host.container('x', { ...(await selfState()), annotations: { a: '<b>' } });
    const { status, stdout } = await new FakeWorld().run('--root', host.root, 'state', 'x');
    expect(status).toBe(0);
    expect(stdout).toBe(`{
  "ociVersion": "1.3.0",
  "id": "x",
  "pid": ${process.pid},
  "status": "running",
  "bundle": "/bundle",
  "rootfs": "/bundle/rootfs",
  "created": "2026-11-21T10:00:00.123456789Z",
  "annotations": {
    "a": "<b>"
  },
  "owner": "root"
}
`);
  });

  it('says what is wrong in one line', async () => {
    const host = new FakeHost();
    host.container('bad', '{}');
    const world = new FakeWorld();
    expect(await world.run('--root', host.root, 'state', 'x')).toEqual({
      ...{ status: 1, stdout: '', stderr: 'ocirun: container does not exist\n' },
    });
    const { stderr } = await world.run('--root', host.root, 'state', 'bad');
    expect(stderr).toMatch(/^ocirun: damaged state file \/.*state\.json: ociVersion: .*\n$/);
  });
});

describe('list', () => {
  it("prints runc's table", async () => {
    const host = new FakeHost();
    host.container('a-container-with-a-long-name', { ...(await selfState()), bundle: '/ünï' });
    host.container('b', { owner: 'ann' });
    const { stdout } = await new FakeWorld().run('--root', host.root, 'list');
    const pid = String(process.pid).padEnd(12);
    const created = '2026-11-21T10:00:00.123456789Z';
    expect(stdout.split('\n')).toEqual([
      'ID                             PID         STATUS      BUNDLE      CREATED                          OWNER',
      `a-container-with-a-long-name   ${pid}running     /ünï        ${created}   root`,
      `b                              0           stopped     /bundle     ${created}   ann`,
      '',
    ]);
  });

  it('prints a header and null where there is nothing, as runc does', async () => {
    const world = new FakeWorld();
    const host = new FakeHost();
    expect(await world.run('--root', host.root, 'list')).toMatchObject({
      stdout: 'ID          PID         STATUS      BUNDLE      CREATED     OWNER\n',
    });
    expect(await world.run('--root', host.root, 'list', '--format', 'json')).toMatchObject({
      stdout: 'null\n',
    });
    expect(await world.run('--root', `${host.root}/none`, 'list', '-q')).toEqual({
      ...{ status: 0, stdout: '', stderr: '' },
    });
  });

  it.each([['-f', 'json'], ['--format=json']])('prints JSON with %s', async (...flags) => {
    const host = new FakeHost();
    host.container('b');
    host.container('a', null);
    const { stdout } = await new FakeWorld().run('--root', host.root, 'list', ...flags);
    const { startTime: _, ...rest } = stateOf('b');
    expect(stdout.endsWith(']\n')).toBe(true);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ id: 'a', status: 'creating' }),
      { ...rest, pid: 0, status: 'stopped' },
    ]);
  });

  it.each(['-q', '--quiet', '-quiet'])('prints ids with %s', async (flag) => {
    const host = new FakeHost();
    host.container('b');
    host.container('a', null);
    const { stdout } = await new FakeWorld().run('--root', host.root, 'list', flag);
    expect(stdout).toBe('a\nb\n');
  });

  it('warns of containers it cannot read', async () => {
    const host = new FakeHost();
    host.container('bad', '{');
    host.container('good');
    const result = await new FakeWorld().run('--root', host.root, 'list', '-q');
    expect(result).toMatchObject({ status: 0, stdout: 'good\n' });
    expect(result.stderr).toMatch(/^ocirun: warning: load container bad: damaged .*JSON\n$/);
  });

  it('refuses other formats', async () => {
    const host = new FakeHost();
    expect(await new FakeWorld().run('--root', host.root, 'list', '-f', 'xml')).toEqual({
      ...{ status: 1, stdout: '', stderr: 'ocirun: invalid format option\n' },
    });
  });
});

describe('start', () => {
  it('starts a created container', async () => {
    const host = new FakeHost();
    host.container('x', await selfState());
    const path = host.fifo('x');
    const waiting = waitAt(path);
    const world = new FakeWorld();
    expect(await world.run('--root', host.root, 'start', 'x')).toEqual({
      ...{ status: 0, stdout: '', stderr: '' },
    });
    expect(existsSync(path)).toBe(false);
    closeSync(waiting);
    expect(await world.run('--root', host.root, 'start', 'x')).toMatchObject({
      status: 1,
      stderr: 'ocirun: cannot start an already running container\n',
    });
  });
});

describe('kill', () => {
  it.each([
    [['x'], 15],
    [['x', 'KILL'], 9],
    [['x', '10'], 10],
    [['x', 'sigusr2'], 12],
  ])('with %j sends %i', async (args, signal) => {
    const host = new FakeHost();
    host.container('x', await selfState());
    const world = new FakeWorld();
    expect((await world.run('--root', host.root, 'kill', ...args)).status).toBe(0);
    expect(world.kernel.sent).toEqual([[process.pid, signal]]);
  });

  it.each([['--all'], ['-a'], ['-all']])('takes %s', async (flag) => {
    const host = new FakeHost();
    host.container('x');
    const world = new FakeWorld();
    expect((await world.run('--root', host.root, 'kill', 'x')).stderr).toBe(
      'ocirun: container not running\n',
    );
    // Only then is a container that has stopped no error.
    expect((await world.run('--root', host.root, 'kill', flag, 'x')).status).toBe(0);
    expect((await world.run('--root', host.root, 'kill', 'x', 'KILL', flag)).status).toBe(0);
  });

  it('does not know every signal', async () => {
    const host = new FakeHost();
    host.container('x', await selfState());
    expect(await new FakeWorld().run('--root', host.root, 'kill', 'x', 'BAD')).toMatchObject({
      status: 1,
      stderr: 'ocirun: unknown signal "BAD"\n',
    });
  });
});

describe('delete', () => {
  it('deletes what has stopped', async () => {
    const host = new FakeHost();
    const directory = host.container('x');
    expect((await new FakeWorld().run('--root', host.root, 'delete', 'x')).status).toBe(0);
    expect(existsSync(directory)).toBe(false);
  });

  it('refuses what runs', async () => {
    const host = new FakeHost();
    host.container('x', await selfState());
    expect(await new FakeWorld().run('--root', host.root, 'delete', 'x')).toMatchObject({
      status: 1,
      stderr: 'ocirun: cannot delete container x that is not stopped: running\n',
    });
  });

  it.each([
    [['--force'], 0],
    [['-f'], 0],
    [['-force'], 0],
    [['--force=true'], 0],
    [['--force=false'], 1],
    [[], 1],
  ])('with %j exits %i for an unknown container', async (flags, status) => {
    const host = new FakeHost();
    const result = await new FakeWorld().run('--root', host.root, 'delete', ...flags, 'none');
    expect(result.status).toBe(status);
    expect(result.stderr).toBe(status === 0 ? '' : 'ocirun: container does not exist\n');
  });

  it('warns when it cleans up what it cannot read', async () => {
    const host = new FakeHost();
    host.container('x', '{');
    const result = await new FakeWorld().run('--root', host.root, 'delete', '-f', 'x');
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/^ocirun: warning: damaged state file .*\n$/);
    expect(host.store.has('x')).toBe(false);
  });
});
