import { describe, expect, test } from 'vitest';
import { FakeKernel, FakeMemory } from '../src/fake/index.ts';
import {
  AT_FDCWD,
  CLONE_NEWNS,
  CLONE_PIDFD,
  compare,
  KernelError,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  Parameter,
  text,
} from '../src/index.ts';

describe('a fake kernel', () => {
  test('tells the calls that were made of it', () => {
    const kernel = new FakeKernel();
    const root = kernel.openat2(AT_FDCWD, '/rootfs', { flags: O_PATH | O_CLOEXEC });
    kernel.doing('mounts[0]', () => kernel.mkdirat(root, 'proc', 0o755));
    kernel.close(root);
    expect(kernel.lines).toEqual([
      'openat2(AT_FDCWD, "/rootfs", {flags=O_PATH|O_CLOEXEC}, 24)',
      'mkdirat(3, "proc", 0755)',
      'close(3)',
    ]);
    expect(kernel.calls[1]).toEqual({
      call: 'mkdirat',
      args: [3, 'proc', 0o755],
      doing: ['mounts[0]'],
      line: 'mkdirat(3, "proc", 0755)',
    });
  });

  test('opens descriptors that were never used before, and knows which are open', () => {
    const kernel = new FakeKernel();
    const ends = kernel.memory('ends', 8);
    const first = kernel.fsopen('proc', 1);
    kernel.close(first);
    kernel.pipe2(ends, O_CLOEXEC);
    expect(first).toBe(3);
    expect([kernel.load(ends, 0, 4), kernel.load(ends, 4, 4)]).toEqual([4, 5]);
    expect(kernel.dup3(4, 10, 0)).toBe(10);
    expect(kernel.fcntl(4, 1030, 20)).toBe(6);
    expect(kernel.open).toEqual([4, 5, 10, 6]);
  });

  test('is the parent of what it clones', () => {
    const kernel = new FakeKernel();
    const pidfd = kernel.memory('pidfd', 4);
    expect(kernel.clone3({ flags: CLONE_NEWNS | CLONE_PIDFD, pidfd })).toBe(1001);
    expect(kernel.load(pidfd, 0, 4)).toBe(3);
    expect(kernel.lines).toEqual(['clone3({flags=CLONE_PIDFD|CLONE_NEWNS, pidfd=pidfd}, 64)']);
  });

  test('fails a call that is told to', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST');
    expect(() => kernel.doing('make it', () => kernel.mkdirat(3, 'a', 0))).toThrow(KernelError);
    expect(() => kernel.doing('make it', () => kernel.mkdirat(3, 'a', 0))).toThrow(
      'make it: mkdirat: file exists',
    );
    kernel.mkdirat(3, 'a', 0, { allow: ['EEXIST'] });
    expect(kernel.lines).toHaveLength(3);
  });

  test('fails some calls only, and so many times', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST', { when: /"proc"/, times: 1 });
    kernel.fail('mkdirat', 'EROFS', { when: ({ doing }) => doing.includes('sys') });
    kernel.mkdirat(3, 'dev', 0);
    expect(() => kernel.mkdirat(3, 'proc', 0)).toThrow('file exists');
    kernel.mkdirat(3, 'proc', 0);
    expect(() => kernel.doing('sys', () => kernel.mkdirat(3, 'dev', 0))).toThrow('read-only');
  });

  test('still fails the start as kernels do', () => {
    const kernel = new FakeKernel({ parameters: { id: 'c1' } });
    expect(() => kernel.fail('no root')).toThrow(/^no root$/);
    expect(() => kernel.fail(text`no ${new Parameter('id')}`)).toThrow(/^no c1$/);
  });

  test('returns what it is told to, and fills memory', () => {
    const kernel = new FakeKernel();
    kernel.returns('clone3', 0);
    kernel.returns('read', ({ args: [, memory] }) => {
      if (!(memory instanceof FakeMemory)) return -22;
      return memory.bytes.write('max\n');
    });
    const memory = kernel.memory('limit', 16);
    expect(kernel.clone3({ flags: 0 })).toBe(0);
    expect(kernel.read(3, memory)).toBe(4);
    expect(String(memory.text)).toBe('max\n');
  });

  test('shows choices as they were taken', () => {
    const kernel = new FakeKernel();
    kernel.fail('mkdirat', 'EEXIST');
    const made = kernel.attempt(
      ['EEXIST'],
      () => {
        kernel.mkdirat(3, 'a', 0o700);
        return 0;
      },
      () => kernel.openat(3, 'a', O_DIRECTORY),
    );
    kernel.when(compare(made, '>', 0), () => kernel.close(made));
    expect(kernel.lines).toEqual([
      'mkdirat(3, "a", 0700)',
      'openat(3, "a", O_DIRECTORY, 0)',
      'close(3)',
    ]);
  });

  test('shows what is undone', () => {
    const kernel = new FakeKernel();
    kernel.fail('chdir', 'ENOENT');
    const body = () =>
      kernel.transaction(() => {
        kernel.mkdirat(3, 'a', 0o700);
        kernel.undo(() => kernel.unlinkat(3, 'a', 0x200));
        kernel.chdir('/a');
      });
    expect(body).toThrow('chdir: no such file');
    expect(kernel.lines.slice(1)).toEqual(['chdir("/a")', 'unlinkat(3, "a", AT_REMOVEDIR)']);
  });

  test('writes texts whole, with launch parameters by name', () => {
    const id = new Parameter('id');
    const kernel = new FakeKernel({ parameters: { id: 'box' } });
    kernel.writeText(3, text`/${id}\n`);
    expect(kernel.lines).toEqual([`write(3, "/\${id}\\n", 5)`]);
    expect(kernel.given(id)).not.toBe(0);
    expect(kernel.given(new Parameter('other'))).toBe(0);
  });

  test('ends a loop that nothing ends', () => {
    const kernel = new FakeKernel();
    const wait = () => kernel.loop(() => kernel.wait4(-1, null, 0));
    expect(wait).toThrow('a loop went round 10000 times');
  });

  test('can be arm64', () => {
    const kernel = new FakeKernel({ architecture: 'aarch64' });
    kernel.openat(AT_FDCWD, '/', O_DIRECTORY);
    expect(kernel.calls[0]?.args[2]).toBe(0o40000);
    expect(kernel.lines).toEqual(['openat(AT_FDCWD, "/", O_DIRECTORY, 0)']);
  });

  test('stops the clock at zero', () => {
    expect(String(new FakeKernel().timestamp().text)).toBe('1970-01-01T00:00:00.000000000Z');
  });
});
