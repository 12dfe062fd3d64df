import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, ocirun, run } from './support/ocirun.ts';
import { withProcess } from './support/process.ts';

const container = useBundle();

const rootfs = (...path: string[]) => join(container.bundle.rootfs, ...path);

/** A line whose home no container of these tests may get. */
const stolen = 'root:x:0:0::/stolen:/bin/sh\n';

/** A passwd file that was not made for people must neither stop a start nor give it a home. */
describe('an /etc/passwd that is', () => {
  const home = async () => {
    withProcess(container, { env: ['PATH=/bin'] });
    return container.prints('echo $HOME');
  };

  it('a FIFO that nobody writes to', async () => {
    rmSync(rootfs('etc/passwd'));
    await run('mkfifo', [rootfs('etc/passwd')]);
    expect(await home()).toBe('/');
  });

  it('a link to a file of the host', async () => {
    const secret = join(container.bundle.path, 'passwd');
    writeFileSync(secret, stolen);
    rmSync(rootfs('etc/passwd'));
    for (const target of [secret, `${'../'.repeat(20)}${secret}`]) {
      symlinkSync(target, rootfs('etc/passwd'));
      expect(await home()).toBe('/');
      rmSync(rootfs('etc/passwd'));
    }
  });

  it('a link to an endless device', async () => {
    rmSync(rootfs('etc/passwd'));
    symlinkSync('/dev/zero', rootfs('etc/passwd'));
    expect(await home()).toBe('/');
  });

  it('a link to a descriptor of the runtime', async () => {
    rmSync(rootfs('etc/passwd'));
    for (const target of ['/proc/self/fd/0', '/proc/self/root/etc/passwd', '/proc/self/exe']) {
      symlinkSync(target, rootfs('etc/passwd'));
      expect(await home()).toBe('/');
      rmSync(rootfs('etc/passwd'));
    }
  });

  it('a link to itself, or a directory', async () => {
    rmSync(rootfs('etc/passwd'));
    symlinkSync('passwd', rootfs('etc/passwd'));
    expect(await home()).toBe('/');
    rmSync(rootfs('etc/passwd'));
    mkdirSync(rootfs('etc/passwd'));
    expect(await home()).toBe('/');
  });

  it('a terabyte of nothing', async () => {
    truncateSync(rootfs('etc/passwd'), 0);
    truncateSync(rootfs('etc/passwd'), 2 ** 40);
    expect(await home()).toBe('/');
  });

  it('one line without an end', async () => {
    writeFileSync(rootfs('etc/passwd'), `root:x:0:0::/${'a'.repeat(1_000_000)}`);
    expect(await home()).toBe('/');
  });

  it('full of numbers that come round to the user’s', async () => {
    const lines = [
      'a:x:4294967296:0::/a:',
      'b:x:18446744073709551616:0::/b:',
      'c:x:-0:0::/c:',
      'd:x::0::/d:',
    ];
    writeFileSync(rootfs('etc/passwd'), `${lines.join('\n')}\nroot:x:0:0::/right:\n`);
    expect(await home()).toBe('/right');
  });
});

describe('a process.cwd that', () => {
  it('is a descriptor of the runtime, or leads through one', async () => {
    const directories = Array.from({ length: 12 }, (_, fd) => `/proc/self/fd/${fd}`);
    for (const cwd of [...directories, '/proc/self/fd/4/..', '/proc/self/root', '/proc/1/cwd']) {
      withProcess(container, { cwd });
      expect(await container.refusal()).toMatch(/process\.cwd: change to \/proc\//);
    }
  });

  it('is a link to such a descriptor', async () => {
    symlinkSync('/proc/self/fd/0', rootfs('work'));
    withProcess(container, { cwd: '/work' });
    expect(await container.refusal()).toMatch(/process\.cwd: change to \/work: .*symbolic links/);
  });

  it('is a link out of the container leads to the same path inside', async () => {
    const outside = join(container.bundle.path, 'outside');
    mkdirSync(outside);
    for (const target of [outside, `${'../'.repeat(20)}${outside}`]) {
      symlinkSync(target, rootfs('work'));
      withProcess(container, { cwd: '/work' });
      expect(await container.refusal()).toMatch(/process\.cwd: change to \/work: .*no such file/);
      rmSync(rootfs('work'));
    }
    mkdirSync(rootfs(outside), { recursive: true });
    symlinkSync(`${'../'.repeat(20)}${outside}`, rootfs('work'));
    expect(await container.prints('busybox readlink /proc/self/cwd')).toBe(outside);
  });

  it('is no directory', async () => {
    await run('mkfifo', [rootfs('fifo')]);
    for (const cwd of ['/fifo', '/etc/passwd', '/dev/null']) {
      withProcess(container, { cwd });
      expect(await container.refusal()).toMatch(/process\.cwd: .*not a directory/);
    }
  });
});

describe('a program that', () => {
  it.each(['/fifo', 'fifo'])('is a FIFO: %s', async (file) => {
    await run('mkfifo', ['-m', '777', rootfs('bin/fifo'), rootfs('fifo')]);
    withProcess(container, { args: [file] });
    expect(await container.refusal()).toMatch(
      /exec: "\/?fifo": (permission denied|executable file)/,
    );
  });

  it('is a device, a socket or a link to nothing', async () => {
    symlinkSync('/nowhere', rootfs('bin/dangling'));
    symlinkSync('round', rootfs('bin/round'));
    for (const [file, message] of [
      ['/dev/null', 'permission denied'],
      ['/bin/dangling', 'stat /bin/dangling: no such file or directory'],
      ['/bin/round', 'stat /bin/round: too many'],
      ['/etc/passwd/x', 'stat /etc/passwd/x: not a directory'],
      ['dangling', 'executable file not found in $PATH'],
    ] as const) {
      withProcess(container, { args: [file], env: ['PATH=/bin'] });
      expect(await container.refusal()).toContain(`exec: "${file}": ${message}`);
    }
  });

  it('is a link to a program of the host', async () => {
    const outside = join(container.bundle.path, 'program');
    writeFileSync(outside, '#!/bin/sh\necho escaped\n', { mode: 0o755 });
    symlinkSync(`${'../'.repeat(20)}${outside}`, rootfs('bin/link'));
    withProcess(container, { args: ['/bin/link'] });
    expect(await container.refusal()).toMatch(/exec: "\/bin\/link": stat .*no such file/);
  });

  it('has an interpreter that is missing, a directory or itself', async () => {
    for (const [interpreter, message] of [
      ['/none', 'no such file or directory'],
      ['/bin', 'permission denied'],
      ['/script', 'too many'],
    ] as const) {
      writeFileSync(rootfs('script'), `#!${interpreter}\n`, { mode: 0o755 });
      withProcess(container, { args: ['/script'] });
      expect(await container.refusal()).toMatch(new RegExp(`exec: "/script": .*${message}`));
    }
  });

  it('is cut off in its first bytes', async () => {
    const elf = readFileSync(rootfs('bin/busybox')).subarray(0, 20);
    writeFileSync(rootfs('cut'), elf, { mode: 0o755 });
    withProcess(container, { args: ['/cut'] });
    expect(await container.refusal()).toMatch(/exec: "\/cut": exec format error/);
  });
});

/** Until execve, /proc/self/exe is the launcher: a container must not get hold of it (CVE-2019-5736). */
describe('the launcher', () => {
  it('is not the container’s program, by whatever name', async () => {
    symlinkSync('/proc/self/exe', rootfs('bin/innocent'));
    for (const file of ['/proc/self/exe', '/proc/1/exe', '/bin/innocent']) {
      withProcess(container, { args: [file] });
      expect(await container.refusal()).toMatch(/exec: ".*": stat .*: too many/);
    }
    withProcess(container, { args: ['innocent'], env: ['PATH=/bin'] });
    expect(await container.refusal()).toMatch(/executable file not found in \$PATH/);
  });

  it('that is kept as a file is not either', async () => {
    const launcher = join(container.bundle.path, 'launcher');
    withProcess(container, { args: ['/proc/self/exe'] });
    await ocirun(['compile', container.bundle.path, '-o', launcher]);
    const before = readFileSync(launcher);
    const outcome = await run(launcher, [newId()]);
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/exec: "\/proc\/self\/exe": stat /);
    expect(readFileSync(launcher).equals(before)).toBe(true);
  });

  it('as an interpreter starts nothing', async () => {
    writeFileSync(rootfs('script'), '#!/proc/self/exe\n', { mode: 0o755 });
    withProcess(container, { args: ['/script'] });
    const outcome = await ocirun(['run', '-b', container.bundle.path, newId()]);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout).toBe('');
  });

  it('is nowhere in a running container', async () => {
    container.bundle.with(({ root }) => {
      root.readonly = false;
    });
    const found = await container.prints(
      'cat /proc/[0-9]*/comm; for l in /proc/[0-9]*/exe; do busybox readlink $l; done',
    );
    expect(found).not.toMatch(/ocirun|memfd/);
  });
});
