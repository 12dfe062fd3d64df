import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LooseConfig, TestBundle } from './support/bundle.ts';
import { type Leftovers, leftovers, nothingMoreThan } from './support/leftovers.ts';
import { newId, ocirun, run } from './support/ocirun.ts';

let bundle: TestBundle;
let before: Leftovers;

beforeEach(() => {
  bundle = new TestBundle();
  before = leftovers();
});

afterEach(async () => {
  bundle.remove();
  expect(await nothingMoreThan(before)).toEqual(before);
});

/** Running this bundle fails with one line. */
async function fails(message: string | RegExp, args: readonly string[] = ['run']): Promise<void> {
  const outcome = await ocirun([...args, '-b', bundle.path, newId()]);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  expect(outcome).toMatchObject({ status: 1, stdout: '' });
}

const changes: readonly (readonly [string, (config: LooseConfig) => void, string | RegExp])[] = [
  ['a relative cwd', ({ process }) => (process.cwd = 'tmp'), 'process.cwd: '],
  [
    'a cwd that is missing',
    ({ process }) => (process.cwd = '/none'),
    /process.cwd: .*no such file/,
  ],
  [
    'a cwd outside by a descriptor',
    ({ process }) => (process.cwd = '/proc/self/fd/3'),
    /process.cwd: /,
  ],
  [
    'an executable that is nowhere',
    ({ process }) => (process.args = ['none']),
    'exec: "none": executable file not found in $PATH\n',
  ],
  [
    'an executable that is missing',
    ({ process }) => (process.args = ['/bin/none']),
    'exec: "/bin/none": stat /bin/none: no such file or directory\n',
  ],
  [
    'an executable that is not one',
    ({ process }) => (process.args = ['/etc/passwd']),
    'exec: "/etc/passwd": permission denied\n',
  ],
  [
    'an executable that is a directory',
    ({ process }) => (process.args = ['/bin']),
    'exec: "/bin": is a directory\n',
  ],
  ['no args', ({ process }) => (process.args = []), 'process.args: '],
  [
    'a missing rootfs',
    ({ root }) => (root.path = 'none'),
    /root.path: .*no such file or directory/,
  ],
  [
    'a rootfs that is a file',
    ({ root }) => (root.path = 'config.json'),
    /root.path: .*not a directory/,
  ],
  [
    'a mount of an unknown type',
    ({ mounts }) => mounts.push({ destination: '/x', type: 'nonsensefs', source: 'x' }),
    /mounts\[6\]: /,
  ],
  [
    'a bind of what is missing',
    ({ mounts }) =>
      mounts.push({ destination: '/tmp', type: 'bind', source: '/none', options: ['bind'] }),
    /mounts\[6\]: .*no such file or directory/,
  ],
  ['RDT', ({ linux }) => (linux.intelRdt = { closID: 'x' }), 'linux.intelRdt: '],
  ['hooks', (config) => (config.hooks = { poststop: [{ path: '/x' }] }), 'hooks.poststop: '],
  ['a version of the future', (config) => (config.ociVersion = '2.0.0'), 'ociVersion: '],
  [
    'a namespace of another type',
    ({ linux }) => (linux.namespaces[1].path = '/proc/self/ns/uts'),
    /linux.namespaces\[1\].path: .*is not a network namespace/,
  ],
];

describe('a bundle with', () => {
  it.each(changes)('%s is refused', async (_what, change, message) => {
    bundle.with(change);
    await fails(message instanceof RegExp ? message : new RegExp(literally(message)));
  });

  it('an unknown capability starts with a warning', async () => {
    bundle.with(({ process }) => process.capabilities.bounding.push('CAP_NONSENSE'));
    const outcome = await ocirun(['run', '-b', bundle.path, newId()]);
    expect(outcome.stderr).toMatch(/warning: .*CAP_NONSENSE/);
    expect(outcome.status).toBe(0);
  });

  it('several mistakes is told all of them', async () => {
    bundle.with((config) => {
      config.process.cwd = 'x';
      config.root.path = '';
      config.linux.namespaces.push({ type: 'pid' });
    });
    await fails(/process\.cwd: .*root\.path: .*linux\.namespaces|linux\.namespaces.*/);
  });

  it('bytes that are not JSON is refused', async () => {
    bundle.write('{"ociVersion": }');
    await fails(/config\.json: /);
  });

  it('no config is refused', async () => {
    rmSync(join(bundle.path, 'config.json'));
    await fails(/config\.json not found/);
  });
});

describe('a host where', () => {
  it('the id is in use', async () => {
    const id = newId();
    bundle.script('sleep 1000');
    await ocirun(['run', '-d', '-b', bundle.path, id], { stdio: 'ignore' });
    const outcome = await ocirun(['run', '-b', bundle.path, id]);
    expect(outcome.stderr).toMatch(/container with given ID already exists/);
    expect(outcome.status).toBe(1);
    await ocirun(['delete', '-f', id]);
  });

  it('two start at once under one id starts one of them', async () => {
    const id = newId();
    const launcher = join(bundle.path, 'launcher');
    bundle.script('sleep 0.5');
    await ocirun(['compile', bundle.path, '-o', launcher]);
    const outcomes = await Promise.all([run(launcher, [id]), run(launcher, [id])]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([0, 1]);
    expect(outcomes.map(({ stderr }) => stderr).join('')).toMatch(/already exists/);
  });

  it.each(['a/b', '..', '.', 'a b', ''])('the id is %j', async (id) => {
    const outcome = await ocirun(['run', '-b', bundle.path, id]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/container ID|container id/i);
  });

  it('the user has no privileges', async () => {
    const outcome = await ocirun(['run', '-b', bundle.path, newId()], {
      uid: 65534,
      gid: 65534,
      cwd: '/',
    });
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/linux.namespaces: needs a user namespace/);
    rmSync('/tmp/ocirun-65534', { recursive: true, force: true });
  });

  it('the state directory is read-only', async () => {
    const root = join(bundle.path, 'state');
    mkdirSync(root);
    await run('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', root]);
    try {
      await fails(/make the state directory: mkdirat: read-only file system/, [
        '--root',
        root,
        'run',
      ]);
    } finally {
      await run('umount', [root]);
    }
  });

  it('the disk is full', async () => {
    const root = join(bundle.path, 'state');
    mkdirSync(root);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', root]);
    try {
      writeFileSync(join(root, 'filler'), Buffer.alloc(4096));
      await fails(/write the state: write: no space left on device/, ['--root', root, 'run']);
      expect((await run('ls', [root])).stdout).toBe('filler\n');
    } finally {
      await run('umount', [root]);
    }
  });

  it('the pid file cannot be written', async () => {
    const pidFile = join(bundle.path, 'none/pid');
    await fails(/write the pid file: openat: no such file/, ['run', '--pid-file', pidFile]);
  });

  it('failures go to a log, as engines read it', async () => {
    const log = join(bundle.path, 'log');
    bundle.with(({ process }) => {
      process.args = ['none'];
    });
    await fails(/executable file not found/, ['--log', log, '--log-format', 'json', 'run']);
    const { stdout } = await run('cat', [log]);
    const { level, msg, time } = JSON.parse(stdout);
    expect({ level, msg }).toEqual({
      level: 'error',
      msg: 'exec: "none": executable file not found in $PATH',
    });
    expect(Number.isNaN(Date.parse(time))).toBe(false);
    chmodSync(log, 0o600);
  });
});

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
