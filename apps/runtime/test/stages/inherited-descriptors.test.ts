import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { inheritedDescriptors } from '../../src/stages/inherited-descriptors.ts';

function run(preserved: number, k = new FakeKernel()): readonly string[] {
  inheritedDescriptors(preserved).run(k);
  return k.lines;
}

const look = (fd: number) => `fcntl(${fd}, F_GETFD)`;

describe('inherited descriptors', () => {
  it('are closed from 3 on', () => {
    expect(run(0)).toEqual([look(0), look(1), look(2), 'close_range(3, 0xffffffff, 0)']);
  });

  it('are kept where that is asked for', () => {
    expect(run(2).slice(3)).toEqual([look(3), look(4), 'close_range(5, 0xffffffff, 0)']);
  });

  it('that are to be kept have to be there', () => {
    const k = new FakeKernel();
    k.fail('fcntl', 'EBADF', { when: /^fcntl\(4, F_GETFD/ });
    expect(() => run(2, k)).toThrow(
      '--preserve-fds: keep descriptor 4: fcntl: bad file descriptor',
    );
  });

  it.each([[[0]], [[1, 2]], [[0, 1, 2]]])(
    'of the standard streams are /dev/null where they are closed: %j',
    (closed) => {
      const k = new FakeKernel();
      for (const fd of closed) k.fail('fcntl', 'EBADF', { when: ({ args }) => args[0] === fd });
      const opened = run(0, k).filter((line) => line.startsWith('openat'));
      expect(opened).toEqual(closed.map(() => 'openat(AT_FDCWD, "/dev/null", O_RDWR, 0)'));
      // Right after the look at it: then the lowest free descriptor is this one.
      for (const fd of closed) expect(k.lines[k.lines.indexOf(look(fd)) + 1]).toMatch(/^openat/);
    },
  );
});
