import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { statusOf, withProcess } from './support/process.ts';

const container = useBundle();

/** Puts a program into the rootfs, which prints `words`. */
function program(path: string, words: string, mode = 0o755): void {
  const file = join(container.bundle.rootfs, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho ${words}\n`);
  chmodSync(file, mode);
}

/** Runs a command line in place of a shell's, and returns what it prints. */
async function output(args: readonly string[]): Promise<string> {
  withProcess(container, { args });
  const outcome = await ocirun(['run', '-b', container.bundle.path, newId()]);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  return outcome.stdout.trim();
}

describe('process.args', () => {
  it('are passed on as they are', async () => {
    const args = ['sh', '-c', 'for a; do echo "<$a>"; done', 'sh', '', 'a b', '$HOME', 'ö\n"'];
    expect(await output(args)).toBe('<>\n<a b>\n<$HOME>\n<ö\n">');
  });

  it('name a program that is looked up along PATH of the config', async () => {
    program('first/which', 'not a program', 0o644);
    program('second/which', 'second');
    program('third/which', 'third');
    withProcess(container, { env: ['PATH=/none:/first:/second:/third'] });
    expect(await output(['which'])).toBe('second');
  });

  it('name a program by a path, relative to the working directory', async () => {
    program('tools/deep/hello', 'hello');
    withProcess(container, { cwd: '/tools' });
    expect(await output(['deep/hello'])).toBe('hello');
    expect(await output(['./deep/hello'])).toBe('hello');
  });

  it('do not name what only happens to be in the working directory', async () => {
    program('tmp/hello', 'hello');
    withProcess(container, { args: ['hello'], cwd: '/tmp', env: ['PATH=:/bin'] });
    expect(await container.refusal()).toMatch(
      /exec: "hello": cannot run executable found relative to current directory$/,
    );
  });
});

describe('process.env', () => {
  it('is all there is, in its order, with the last of two values', async () => {
    withProcess(container, { env: ['PATH=/bin', 'B=1', 'A=x=y z', 'B=2', 'HOME=/there', 'ö=ü'] });
    expect(await output(['env'])).toBe('PATH=/bin\nA=x=y z\nB=2\nHOME=/there\nö=ü');
  });

  it.each([
    ['of the user in the container’s passwd', 1000, '/home/user'],
    ['of nobody there', 4321, '/'],
  ])('has HOME %s where it has none', async (_, uid, home) => {
    withProcess(container, { user: { uid, gid: 0 }, env: ['PATH=/bin', 'HOME='] });
    expect(await container.prints('echo $HOME')).toBe(home);
  });
});

describe('process.cwd', () => {
  it('is not made where it is missing', async () => {
    withProcess(container, { cwd: '/made/by/nobody' });
    container.bundle.with(({ root }) => {
      root.readonly = false;
    });
    expect(await container.refusal()).toMatch(/process\.cwd: change to \/made\/by\/nobody: /);
    expect(existsSync(join(container.bundle.rootfs, 'made'))).toBe(false);
  });

  it('may be where only root can go', async () => {
    mkdirSync(join(container.bundle.rootfs, 'private/inner'), { recursive: true });
    chmodSync(join(container.bundle.rootfs, 'private'), 0o700);
    withProcess(container, { cwd: '/private/inner', user: { uid: 1000, gid: 1000 } });
    expect(await container.prints('busybox readlink /proc/self/cwd')).toBe('/private/inner');
  });
});

describe('process.user', () => {
  it('has the ids and groups that are asked for, and no others', async () => {
    withProcess(container, { user: { uid: 7, gid: 8, additionalGids: [10, 9] } });
    expect(await statusOf(container)).toMatchObject({
      Uid: '7 7 7 7',
      Gid: '8 8 8 8',
      Groups: expect.stringMatching(/^(10 9|9 10)$/),
    });
    withProcess(container, { user: { uid: 7, gid: 8 } });
    expect((await statusOf(container)).Groups).toBe('');
  });

  it('owns its standard streams', async () => {
    withProcess(container, { user: { uid: 1000, gid: 1000 } });
    container.bundle.script('stat -L -c %u /dev/stdout; echo again > /dev/stdout');
    // A pipe: sockets, which tests have for one, cannot be opened by a path.
    const command = `${OCIRUN} run -b ${container.bundle.path} ${newId()} | cat`;
    expect(await run('sh', ['-c', command])).toMatchObject({ stdout: '1000\nagain\n', stderr: '' });
  });

  it.each([
    ['0', 0, '0000'],
    ['077', 0o77, '0077'],
  ])('has the umask %s', async (_, umask, shown) => {
    withProcess(container, { user: { uid: 0, gid: 0, umask } });
    expect(await container.prints('umask')).toBe(shown);
  });

  it('has the umask that runc and crun give it where none is named', async () => {
    container.bundle.script('umask');
    const command = `umask 0031; exec ${OCIRUN} run -b ${container.bundle.path} ${newId()}`;
    expect((await run('sh', ['-c', command])).stdout).toBe('0022\n');
  });
});

describe('process.execCPUAffinity', () => {
  const allowed = (text: string) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(text)?.[1];

  it('is not for a container’s first process', async () => {
    withProcess(container, { execCPUAffinity: { initial: '0', final: '0' } });
    expect((await statusOf(container)).Cpus_allowed_list).toBe(
      allowed(readFileSync('/proc/self/status', 'utf8')),
    );
  });

  it('is refused where it is no list', async () => {
    withProcess(container, { execCPUAffinity: { initial: '3-1', final: '-' } });
    expect(await container.refusal()).toMatch(
      /execCPUAffinity\.initial: must be a list.*execCPUAffinity\.final: must be a list/,
    );
  });
});

describe('process.consoleSize', () => {
  it('means nothing without a terminal', async () => {
    withProcess(container, { consoleSize: { height: 25, width: 80 } });
    expect(await container.prints('busybox test -t 1 || echo none')).toBe('none');
  });
});

const enabled = (file: string) => existsSync(file) && /^Y|^[01]/.test(readFileSync(file, 'utf8'));
const hasAppArmor = enabled('/sys/module/apparmor/parameters/enabled');
const hasSelinux = enabled('/sys/fs/selinux/enforce');

describe('labels of a security module that is absent', () => {
  it.runIf(!hasAppArmor)('process.apparmorProfile is refused', async () => {
    withProcess(container, { apparmorProfile: 'docker-default' });
    expect(await container.refusal()).toMatch(/process\.apparmorProfile: asks for AppArmor/);
  });

  it.runIf(!hasSelinux)('process.selinuxLabel and linux.mountLabel are refused', async () => {
    withProcess(container, { selinuxLabel: 'system_u:system_r:container_t:s0' });
    container.bundle.with(({ linux }) => {
      linux.mountLabel = 'system_u:object_r:container_file_t:s0';
    });
    const refusal = await container.refusal();
    expect(refusal).toMatch(/process\.selinuxLabel: asks for SELinux/);
    expect(refusal).toMatch(/linux\.mountLabel: /);
  });
});
