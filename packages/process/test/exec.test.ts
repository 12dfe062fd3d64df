import { type Fd, Provision, type Text } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { type ExecNeeds, type Executable, execStage, inheritanceStage } from '../src/index.ts';
import { bare, configWith } from './config.ts';

function run(kernel: FakeKernel, found: Executable, needs: Partial<ExecNeeds> = {}): void {
  const executable = new Provision<Executable>('executable');
  executable.provide(found);
  const home = new Provision<Text>('HOME');
  const config = configWith({ ...bare, args: ['sh', '-c', ':'], env: ['A=1', 'HOME=/h'] });
  execStage(config, { preserveFds: 0, executable, home, ...needs }).run(kernel);
}

const one: Executable = { candidates: ['/bin/sh'], chosen: 0 };

describe('execStage', () => {
  it('closes what is not the container’s, then executes what was found', () => {
    const kernel = new FakeKernel();
    run(kernel, { candidates: ['/a/sh', '/b/sh'], chosen: 1 }, { preserveFds: 2 });
    expect(kernel.lines).toEqual([
      'close_range(5, 0xffffffff, 0)',
      'execve("/b/sh", ["sh", "-c", ":"], ["A=1", "HOME=/h"])',
    ]);
  });

  it('closes around the one descriptor that is kept', () => {
    const kernel = new FakeKernel();
    const keep = new Provision<Fd>('report');
    keep.provide(9);
    run(kernel, one, { keep });
    expect(kernel.lines.slice(0, 2)).toEqual([
      'close_range(3, 8, 0)',
      'close_range(10, 0xffffffff, 0)',
    ]);
  });

  it('allows for the kept one to be the first', () => {
    const kernel = new FakeKernel();
    kernel.fail('close_range', 'EINVAL', { when: /\(3, 2/ });
    const keep = new Provision<Fd>('report');
    keep.provide(3);
    run(kernel, one, { keep });
    expect(kernel.lines[1]).toBe('close_range(4, 0xffffffff, 0)');
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
