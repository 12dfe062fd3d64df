import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { openFlags } from '../src/calls/open-flags.ts';
import {
  errnoMessage,
  errnoMessages,
  errnoName,
  errnoNumber,
  makedev,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_TMPFILE,
  SIG,
  syscalls,
} from '../src/index.ts';

test('error numbers are those of this system', () => {
  const ours = errnoMessages().map(({ number }) => errnoName(number));
  expect(ours).toContain('ENOENT');
  for (const [name, number] of Object.entries(constants.errno)) {
    const known = errnoName(number);
    // Aliases (EWOULDBLOCK, ENOTSUP) have one name of the two here.
    if (known === name) expect(errnoNumber(known)).toBe(number);
    else expect(['EWOULDBLOCK', 'ENOTSUP', 'EDEADLOCK']).toContain(name);
  }
});

test('error numbers have words', () => {
  expect(errnoMessage(2)).toBe('no such file or directory');
  // Where the headers' words would mislead.
  expect([25, 34, 95].map(errnoMessage)).toEqual([
    'inappropriate ioctl for device',
    'numerical result out of range',
    'operation not supported',
  ]);
  expect(errnoMessage(9999)).toBe('error 9999');
  expect(errnoName(9999)).toBeUndefined();
});

test('signal numbers are those of this system', () => {
  for (const [name, number] of Object.entries(SIG))
    expect(Reflect.get(constants.signals, name)).toBe(number);
});

const headers: Record<string, string> = {
  x86_64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  aarch64: '/usr/include/asm-generic/unistd.h',
};

/** `__NR_openat 56`; where 32-bit systems differ, `__NR_fcntl __NR3264_fcntl` and its number. */
function headerNumbers(header: string): ReadonlyMap<string, number> {
  const words = new Map(
    [...header.matchAll(/^#define __NR(\w+)\s+(\w+)$/gm)].map(([, name = '', word = '']) => [
      name,
      word,
    ]),
  );
  return new Map(
    [...words].map(([name, word]) => {
      const number = words.get(word.replace('__NR', '')) ?? word;
      return [name.replace(/^_/, ''), Number(number)];
    }),
  );
}

test.each(['x86_64', 'aarch64'] as const)('system-call numbers for %s are the headers’', (arch) => {
  const numbers = headerNumbers(readFileSync(headers[arch] ?? '', 'utf8'));
  for (const [name, number] of Object.entries(syscalls))
    expect([name, numbers.get(name)]).toEqual([name, number[arch]]);
});

test('open flags are translated for arm64', () => {
  expect(openFlags(O_DIRECTORY, 'x86_64')).toBe(0o200000);
  expect(openFlags(O_DIRECTORY, 'aarch64')).toBe(0o40000);
  expect(openFlags(O_NOFOLLOW | O_PATH | O_CLOEXEC, 'aarch64')).toBe(0o100000 | O_PATH | O_CLOEXEC);
  expect(openFlags(O_TMPFILE, 'aarch64')).toBe(0o20040000);
});

test('translating open flags twice gives them back', () => {
  for (let bit = 1; bit < 1 << 24; bit <<= 1)
    expect(openFlags(openFlags(bit, 'aarch64'), 'aarch64')).toBe(bit);
});

test('device numbers are encoded as the kernel does', () => {
  expect(makedev(1, 3)).toBe(0x103);
  expect(makedev(136, 0x12345)).toBe(0x12308845);
  expect(makedev(0xfff, 0xfffff)).toBe(0xffffffff);
});
