import { closeSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  Cell,
  CLONE_PIDFD,
  KernelError,
  MFD_CLOEXEC,
  MSG_CMSG_CLOEXEC,
  O_CLOEXEC,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  Parameter,
  POLLIN,
  POLLOUT,
  RLIMIT_NOFILE,
  SIGUSR1,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  STATX_MODE,
  text,
} from '../src/index.ts';
import { LiveKernel } from '../src/live/index.ts';

const kernel = new LiveKernel();

function thrown(body: () => void): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a live call', () => {
  test('has its result at once', () => {
    expect(kernel.getpid()).toBe(process.pid);
    expect(kernel.getppid()).toBe(process.ppid);
  });

  test('takes texts', () => {
    const fd = Number(kernel.memfd_create('scratch', MFD_CLOEXEC));
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/memfd:scratch (deleted)');
    kernel.close(fd);
    expect(() => closeSync(fd)).toThrow('EBADF');
  });

  test('fills memory', () => {
    const ends = kernel.memory('ends', 8);
    kernel.pipe2(ends, O_CLOEXEC);
    const [from, to] = [kernel.load(ends, 0, 4), kernel.load(ends, 4, 4)];
    kernel.writeText(to, 'über');
    const buffer = kernel.memory('buffer', 16);
    expect(kernel.read(from, buffer)).toBe(5);
    expect(String(buffer.text)).toBe('über');
    kernel.close(from);
    kernel.close(to);
  });

  test('receives a descriptor, or none', () => {
    const ends = kernel.memory('ends', 8);
    kernel.socketpair(SOCK_STREAM | SOCK_CLOEXEC, ends);
    const [from, to] = [kernel.load(ends, 0, 4), kernel.load(ends, 4, 4)];
    const [data, control] = [kernel.memory('data', 8), kernel.memory('control', 24)];
    const sent = kernel.memfd_create('sent', MFD_CLOEXEC);
    const receive = () => kernel.receiveDescriptor(from, data, control, MSG_CMSG_CLOEXEC);
    kernel.sendDescriptor(to, Buffer.from('name'), 4, sent, 0);
    expect([receive(), kernel.load(control, 0, 8)]).toEqual([4, 20]);
    const received = kernel.load(control, 16, 4);
    expect(readlinkSync(`/proc/self/fd/${received}`)).toBe('/memfd:sent (deleted)');
    const none = kernel.memory('none', 24);
    kernel.writeText(to, 'words');
    expect(kernel.receiveDescriptor(from, data, none, 0)).toBe(5);
    expect(kernel.load(none, 0, 8)).toBe(0);
    for (const fd of [from, to, sent, received]) kernel.close(fd);
  });

  test('says what is ready, in the words that memory has for it', () => {
    const ends = kernel.memory('ends', 8);
    kernel.pipe2(ends, O_CLOEXEC);
    const [from, to] = [kernel.load(ends, 0, 4), kernel.load(ends, 4, 4)];
    const signals = kernel.signalfd([SIGUSR1], O_CLOEXEC | O_NONBLOCK);
    const table = kernel.memory('table', 24);
    for (const [index, fd] of [from, signals, to].entries()) {
      kernel.store(table, index * 8, 4, fd);
      kernel.store(table, index * 8 + 4, 2, index === 2 ? POLLOUT : POLLIN);
    }
    expect(kernel.ppoll(table, 3)).toBe(1);
    expect([6, 14, 22].map((offset) => kernel.load(table, offset, 2))).toEqual([0, 0, POLLOUT]);
    for (const fd of [from, to, signals]) kernel.close(fd);
  });

  test('takes structs, and bytes of the caller’s', () => {
    const fd = kernel.openat2(AT_FDCWD, '/proc/self/status', { flags: O_RDONLY | O_CLOEXEC });
    const stat = kernel.memory('stat', 256);
    kernel.statx(fd, '', 0x1000, STATX_MODE, stat);
    expect(kernel.load(stat, 28, 2)).toBe(0o100444);
    kernel.close(fd);
    const scratch = kernel.memfd_create('scratch', MFD_CLOEXEC);
    expect(kernel.write(scratch, Uint8Array.from([1, 2, 3]), 2)).toBe(2);
    expect(kernel.write(scratch, new Uint8Array(0), 0)).toBe(0);
    kernel.close(scratch);
  });

  test('takes 64-bit fields', () => {
    const error = thrown(() => kernel.setrlimit(RLIMIT_NOFILE, 2n ** 64n - 1n, 1n));
    expect(error).toMatchObject({ code: 'EINVAL' });
  });

  test('puts memory into texts up to its first NUL', () => {
    const name = kernel.memory('name', 32);
    name.bytes.write('status\0junk');
    kernel.close(kernel.openat2(AT_FDCWD, text`/proc/self/${name}`, { flags: O_PATH | O_CLOEXEC }));
  });

  test('takes the calls’ own structs of strings', () => {
    const error = thrown(() => kernel.execve('/no/such/program', ['a', 'b'], ['C=d']));
    expect(error).toMatchObject({ call: 'execve', code: 'ENOENT' });
  });
});

describe('a live call that fails', () => {
  const missing = () => kernel.openat2(AT_FDCWD, '/no/such/file', { flags: O_PATH | O_CLOEXEC });

  test('throws what was being done, and why it failed', () => {
    const error = thrown(() => kernel.doing('test', () => kernel.doing('look', missing)));
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toMatchObject({
      message: 'test: look: openat2: no such file or directory',
      call: 'openat2',
      code: 'ENOENT',
      errno: 2,
      doing: ['test', 'look'],
    });
  });

  test('returns -errno where that is allowed', () => {
    const how = { flags: O_PATH | O_CLOEXEC };
    const look = (policy: Parameters<typeof kernel.openat2>[3]) =>
      kernel.openat2(AT_FDCWD, '/no/such/file', how, policy);
    expect(look({ allow: ['EACCES', 'ENOENT'] })).toBe(-2);
    expect(look({ allow: 'any' })).toBe(-2);
    expect(() => look({ allow: ['EACCES'] })).toThrow('no such file');
  });

  test('is not undone by what is done next', () => {
    expect(kernel.openat2(AT_FDCWD, '/no/such/file', { flags: 0 }, { allow: 'any' })).toBe(-2);
    expect(kernel.getpid()).toBe(process.pid);
  });
});

describe('a live kernel refuses', () => {
  const fd = new Cell(0, 'fd');
  test.each<[what: string, body: () => void]>([
    ['cells', () => kernel.close(fd)],
    ['cells in texts', () => kernel.chdir(text`/proc/self/fd/${fd}`)],
    ['cells in structs', () => kernel.mount_setattr(3, '', 0, { userns: fd })],
    ['cells in conditions', () => kernel.when({ left: fd, relation: '<', right: 0 }, () => {})],
    ['parameters', () => kernel.chdir(new Parameter('id'))],
    ['parameters in texts', () => kernel.execve('x', [text`a${new Parameter('id')}`], [])],
  ])('%s, which only exist in programs', (_, body) => {
    const error = thrown(body);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('only exists in programs');
  });

  test('texts with a NUL', () => {
    expect(() => kernel.chdir('/tmp\0/x')).toThrow('has a NUL');
  });

  test('numbers that are no words', () => {
    expect(() => kernel.close(1.5)).toThrow(TypeError);
    expect(() => kernel.close(Number.NaN)).toThrow(TypeError);
    expect(() => kernel.setgroups([2 ** 32])).toThrow('does not fit 32 bits');
    expect(() => kernel.fcntl(0, 1, 2n ** 64n)).toThrow('does not fit 64 bits');
  });

  test('calls that return twice', () => {
    expect(() => kernel.clone3({ flags: CLONE_PIDFD }, { allow: 'any' })).toThrow(
      'clone3 cannot be made in a JavaScript process: launchers do that',
    );
  });
});

describe('writeText', () => {
  test('goes on where a call wrote less than it was given', () => {
    const ends = kernel.memory('ends', 8);
    kernel.pipe2(ends, O_CLOEXEC | O_NONBLOCK);
    const [from, to] = [kernel.load(ends, 0, 4), kernel.load(ends, 4, 4)];
    // More than a pipe holds: a short write, then EAGAIN.
    const long = 'x'.repeat(100_000);
    expect(() => kernel.writeText(to, long)).toThrow('write: resource temporarily unavailable');
    const buffer = kernel.memory('buffer', 100_000);
    expect(kernel.read(from, buffer)).toBe(65_536);
    kernel.writeText(to, long, { allow: ['EAGAIN'] });
    kernel.close(from);
    kernel.close(to);
  });

  test('makes a call for an empty text too', () => {
    expect(() => kernel.writeText(-1, '')).toThrow('write: bad file');
  });
});

test('long texts are passed whole', () => {
  // Larger than what the kernel keeps ready for arguments: E2BIG or ENAMETOOLONG prove it arrived.
  expect(() => kernel.chdir('y'.repeat(100_000))).toThrow('file name too long');
  expect(() => kernel.chdir(`/${'y'.repeat(300)}`)).toThrow('file name too long');
});

test('the time is RFC 3339 with nanoseconds', () => {
  const stamp = String(kernel.timestamp().text);
  expect(stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  expect(Math.abs(Date.parse(stamp) - Date.now())).toBeLessThan(5000);
});

test('no launch gave a parameter', () => {
  expect(kernel.given(new Parameter('id'))).toBe(0);
});
