import { type Fd, Provision, type Text } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import {
  descriptorsStage,
  type ExecNeeds,
  type Executable,
  execStage,
  inheritanceStage,
} from '../src/index.ts';
import { bare, configWith } from './config.ts';

function run(kernel: FakeKernel, found: Executable, needs: Partial<ExecNeeds> = {}): void {
  const executable = new Provision<Executable>('executable');
  executable.provide(found);
  const home = new Provision<Text>('HOME');
  const config = configWith({ ...bare, args: ['sh', '-c', ':'], env: ['A=1', 'HOME=/h'] });
  execStage(config, { executable, home, ...needs }).run(kernel);
}

const one: Executable = { candidates: ['/bin/sh'], chosen: 0 };

describe('execStage', () => {
  it('executes what was found', () => {
    const kernel = new FakeKernel();
    run(kernel, { candidates: ['/a/sh', '/b/sh'], chosen: 1 });
    expect(kernel.lines).toEqual(['execve("/b/sh", ["sh", "-c", ":"], ["A=1", "HOME=/h"])']);
  });

  it.each([
    ['ENOEXEC', 'exec: "/bin/sh": exec format error'],
    ['ENOENT', 'exec: "/bin/sh": no such file or directory'],
    ['EACCES', 'exec: "/bin/sh": permission denied'],
    ['E2BIG', 'exec: "/bin/sh": argument list too long'],
    ['EPERM', 'exec: "/bin/sh": execve: operation not permitted'],
  ] as const)('fails with %s as engines know it', (errno, message) => {
    const kernel = new FakeKernel();
    kernel.fail('execve', errno);
    expect(() => run(kernel, one)).toThrow(expect.objectContaining({ message }));
  });
});

describe('descriptorsStage', () => {
  const close = (kernel: FakeKernel, kept: readonly number[], preserveFds = 0) => {
    const keep = kept.map((fd) => {
      const provision = new Provision<Fd>('kept');
      provision.provide(fd);
      return provision;
    });
    descriptorsStage({ preserveFds, keep }).run(kernel);
    return kernel.lines;
  };

  it('closes what is not the container’s', () => {
    expect(close(new FakeKernel(), [], 2)).toEqual(['close_range(5, 0xffffffff, 0)']);
  });

  it('closes around those that are kept', () => {
    expect(close(new FakeKernel(), [4, 9])).toEqual([
      'close_range(3, 3, 0)',
      'close_range(5, 8, 0)',
      'close_range(10, 0xffffffff, 0)',
    ]);
  });

  it('allows for kept ones to be the first, and side by side', () => {
    const kernel = new FakeKernel();
    kernel.fail('close_range', 'EINVAL', { when: /\((3, 2|4, 3)/ });
    expect(close(kernel, [3, 4]).at(-1)).toBe('close_range(5, 0xffffffff, 0)');
  });
});

describe('inheritanceStage', () => {
  it('preserves what is asked for, which must be there, and stdio, which need not', () => {
    const kernel = new FakeKernel();
    kernel.fail('fcntl', 'EBADF', { when: /\((0|4),/ });
    expect(() => inheritanceStage({ preserveFds: 2 }).run(kernel)).toThrow(
      'preserve descriptor 4: fcntl: bad file',
    );
    expect(kernel.lines.slice(-5)).toEqual([0, 1, 2, 3, 4].map((fd) => `fcntl(${fd}, F_SETFD, 0)`));
  });
});
