import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBundle } from './support/bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './support/leftovers.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';

let bundle: TestBundle;
let id: string;
let before: Leftovers;

beforeEach(() => {
  bundle = new TestBundle();
  id = newId();
  before = leftovers();
});

afterEach(async () => {
  bundle.remove();
  expect(await nothingMoreThan(before)).toEqual(before);
});

async function state() {
  const { stdout } = await ocirun(['state', id]);
  return JSON.parse(stdout);
}

/** Runs a command that has to succeed. */
async function succeed(...args: string[]) {
  const outcome = await ocirun(args);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !(await condition()); tries++) {
    if (tries > 100) throw new Error('it did not happen in time');
    await sleep(50);
  }
}

describe('a container that is created', () => {
  it('waits to be started, runs, stops, and is deleted', async () => {
    const pidFile = join(bundle.path, 'pid');
    bundle.script('echo started > /dev/shm/x; sleep 1000');
    const stdio = ['ignore', openSync('/dev/null', 'w'), openSync('/dev/null', 'w')] as const;
    const created = await ocirun(['create', '-b', bundle.path, '--pid-file', pidFile, id], {
      stdio: [...stdio],
    });
    expect(created.status).toBe(0);
    const waiting = await state();
    expect(waiting).toMatchObject({
      ociVersion: '1.3.0',
      id,
      status: 'created',
      bundle: bundle.path,
      rootfs: bundle.rootfs,
    });
    expect(readFileSync(pidFile, 'utf8')).toBe(String(waiting.pid));
    expect(readFileSync(`/proc/${waiting.pid}/comm`, 'utf8')).toBe('ocirun\n');
    expect(Math.abs(Date.now() - Date.parse(waiting.created))).toBeLessThan(30_000);

    await succeed('start', id);
    await until(() => readFileSync(`/proc/${waiting.pid}/comm`, 'utf8') !== 'ocirun\n');
    expect((await state()).status).toBe('running');
    expect((await ocirun(['start', id])).stderr).toMatch(/cannot start an already running/);
    const refused = await ocirun(['delete', id]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/not stopped/);

    await succeed('kill', id, 'KILL');
    await until(async () => (await state()).status === 'stopped');
    expect(await state()).toMatchObject({ pid: 0, status: 'stopped' });
    await succeed('delete', id);
    const gone = await ocirun(['state', id]);
    expect(gone).toMatchObject({ status: 1, stderr: expect.stringContaining('does not exist') });
  });

  it('is deleted by force, whatever it does', async () => {
    bundle.script('sleep 1000');
    await ocirun(['create', '-b', bundle.path, id], { stdio: 'ignore' });
    await succeed('delete', '--force', id);
    await ocirun(['run', '-d', '-b', bundle.path, id], { stdio: 'ignore' });
    expect((await state()).status).toBe('running');
    await succeed('delete', '--force', id);
    await succeed('delete', '--force', id);
  });

  it('is listed', async () => {
    bundle.script('sleep 1000');
    await ocirun(['run', '-d', '-b', bundle.path, id], { stdio: 'ignore' });
    const { pid } = await state();
    const table = (await succeed('list')).stdout.split('\n').find((line) => line.startsWith(id));
    expect(table?.split(/\s+/).slice(0, 4)).toEqual([id, String(pid), 'running', bundle.path]);
    const json = JSON.parse((await succeed('list', '-f', 'json')).stdout);
    expect(json).toContainEqual(expect.objectContaining({ id, pid, status: 'running' }));
    expect((await succeed('list', '-q')).stdout.split('\n')).toContain(id);
    await succeed('delete', '-f', id);
  });

  it('reports what fails after its start on its own stderr', async () => {
    bundle.with(({ process, root }) => {
      root.readonly = false;
      process.args = ['/bin/broken'];
    });
    await run('sh', [
      '-c',
      `printf 'no program' > ${bundle.rootfs}/bin/broken; chmod +x ${bundle.rootfs}/bin/broken`,
    ]);
    const errors = join(bundle.path, 'errors');
    const out = openSync(errors, 'w');
    await ocirun(['create', '-b', bundle.path, id], { stdio: ['ignore', out, out] });
    await succeed('start', id);
    await until(async () => (await state()).status === 'stopped');
    expect(readFileSync(errors, 'utf8')).toBe('ocirun: exec: "/bin/broken": exec format error\n');
    await succeed('delete', id);
  });
});

describe('a container in the foreground', () => {
  it.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['exit 255', 255],
    ['kill -9 $$; sleep 1; echo "process 1 cannot kill itself"; exit 3', 3],
  ])('passes on the exit status of %j', async (script, status) => {
    bundle.script(script);
    expect((await ocirun(['run', '-b', bundle.path, id])).status).toBe(status);
  });

  it('gets the signals that its supervisor gets', async () => {
    bundle.script('trap "echo got USR1; exit 42" USR1; echo ready; while :; do sleep 0.1; done');
    const child = spawn(OCIRUN, ['run', '-b', bundle.path, id], { stdio: ['ignore', 'pipe', 2] });
    let output = '';
    child.stdout?.on('data', (data) => {
      output += data;
    });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    await until(() => output.includes('ready'));
    child.kill('SIGUSR1');
    expect(await exited).toBe(42);
    expect(output).toBe('ready\ngot USR1\n');
  });

  it('outlives a stop of its supervisor', async () => {
    bundle.script('echo ready; sleep 0.5; exit 5');
    const child = spawn(OCIRUN, ['run', '-b', bundle.path, id], { stdio: ['ignore', 'pipe', 2] });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGSTOP');
    await sleep(100);
    child.kill('SIGCONT');
    expect(await exited).toBe(5);
  });

  it('is counted as killed by the signal that ends it', async () => {
    bundle.script('echo ready; exec sleep 1000');
    const child = spawn(OCIRUN, ['run', '-b', bundle.path, id], { stdio: ['ignore', 'pipe', 2] });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await succeed('kill', id, 'KILL');
    expect(await exited).toBe(137);
  });

  it('is supervised by less than 200 KiB', async () => {
    bundle.script('echo ready; exec sleep 1000');
    const child = spawn(OCIRUN, ['run', '-b', bundle.path, id], { stdio: ['ignore', 'pipe', 2] });
    const exited = new Promise((resolve) => child.on('exit', resolve));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const resident = Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]);
    expect(resident).toBeGreaterThan(0);
    expect(resident).toBeLessThan(200);
    await succeed('kill', id, 'KILL');
    await exited;
  });

  it('leaves its state with --keep', async () => {
    await ocirun(['run', '--keep', '-b', bundle.path, id]);
    expect((await state()).status).toBe('stopped');
    await succeed('delete', id);
  });

  it('gets preserved descriptors, and only those', async () => {
    bundle.script('cat <&3; ls /proc/1/fd');
    const command = `exec 3<${bundle.path}/config.json 4</dev/null 5</dev/null; exec ${OCIRUN} run --preserve-fds 2 -b ${bundle.path} ${id}`;
    const { stdout, stderr } = await run('bash', ['-c', command]);
    expect(stderr).toBe('');
    expect(stdout).toContain('"ociVersion"');
    expect(stdout.split('}').at(-1)?.trim().split('\n').slice(0, 5)).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
    ]);
  });

  it('refuses to preserve a descriptor that is not there', async () => {
    const outcome = await ocirun(['run', '--preserve-fds', '3', '-b', bundle.path, id]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/--preserve-fds: descriptor 3 is not open/);
  });

  it('has stdin, and ends as a pipe would', async () => {
    bundle.script('cat');
    const command = `echo hello | ${OCIRUN} run -b ${bundle.path} ${id}`;
    expect((await run('sh', ['-c', command])).stdout).toBe('hello\n');
  });

  it('works with closed standard streams', async () => {
    bundle.script('exec ls /proc/self/fd >&2');
    const launcher = join(bundle.path, 'launcher');
    await succeed('compile', bundle.path, '-o', launcher);
    const { stderr } = await run('bash', ['-c', `${launcher} ${id} <&- >&-`]);
    expect(stderr).toBe('0\n1\n2\n3\n');
  });
});

describe('a launcher that is kept', () => {
  it('starts containers with nothing else, under different ids', async () => {
    const launcher = join(bundle.path, 'launcher');
    bundle.script('echo from $(hostname)');
    await succeed('compile', bundle.path, '-o', launcher);
    for (const each of [id, newId(), id]) {
      const outcome = await run(launcher, [each], { env: {} });
      expect(outcome).toEqual({ status: 0, signal: null, stdout: 'from box\n', stderr: '' });
    }
  });

  it('keeps its own state where it is told to', async () => {
    const launcher = join(bundle.path, 'launcher');
    bundle.script('exit 3');
    await succeed('compile', '--keep', bundle.path, '-o', launcher);
    const root = join(bundle.path, 'states');
    expect((await run(launcher, ['--root', root, id])).status).toBe(3);
    expect(existsSync(join(root, id, 'state.json'))).toBe(true);
    await succeed('--root', root, 'delete', id);
  });
});
