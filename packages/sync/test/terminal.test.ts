import { ICRNL, ISIG, ONLCR, OPOST, TCGETS, TCSETS, TIOCGWINSZ, VMIN } from '@oci/kernel';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { findTerminal } from '@oci/sync';
import { describe, expect, it } from 'vitest';
import { copySize, makeRaw, passLineEnds } from '../src/terminal.ts';

/** A terminal in one byte of each word of flags, as `stty sane` has it, and what is set later. */
function terminal(k: FakeKernel) {
  const set: Buffer[] = [];
  k.returns('ioctl', ({ args: [, request, memory] }: FakeCall) => {
    if (!(memory instanceof FakeMemory)) throw new Error('ioctl without memory');
    if (request === TCGETS) {
      memory.store(0, 4, ICRNL | 0x4000);
      memory.store(4, 4, OPOST | ONLCR);
      memory.store(8, 4, 0xbf | 0x100);
      memory.store(12, 4, ISIG | 0x10000);
      memory.store(17 + VMIN, 1, 9);
    }
    if (request === TCSETS) set.push(Buffer.from(memory.bytes));
    if (request === TIOCGWINSZ) memory.store(0, 4, (80 << 16) | 25);
    return 0;
  });
  return set;
}

describe('findTerminal', () => {
  const find = (k: FakeKernel) => {
    const { stage, found } = findTerminal();
    stage.run(k);
    return found.value.fd;
  };

  it.each([
    [[], 2],
    [[2], 1],
    [[2, 1], 0],
  ])('takes the first standard stream that is one, where %j are not', (others, expected) => {
    const k = new FakeKernel();
    for (const fd of others) k.fail('ioctl', 'ENOTTY', { when: new RegExp(`^ioctl.${fd},`) });
    expect(find(k)).toBe(expected);
    expect(k.lines).toHaveLength(others.length + 1);
  });

  it('else takes the controlling one', () => {
    const k = new FakeKernel();
    k.fail('ioctl', 'ENOTTY', { when: /^ioctl.[012],/ });
    expect(find(k)).toBe(3);
    expect(k.lines.slice(-2)).toEqual([
      'openat(AT_FDCWD, "/dev/tty", O_RDWR|O_NOCTTY|O_CLOEXEC, 0)',
      'ioctl(3, TCGETS, settings)',
    ]);
  });

  it('fails where there is none', () => {
    const k = new FakeKernel();
    k.fail('ioctl', 'ENOTTY');
    k.fail('openat', 'ENXIO');
    expect(() => find(k)).toThrow(
      'process.terminal: find the terminal to use it from: no standard stream is one, and there is no controlling one',
    );
  });
});

describe('makeRaw', () => {
  it('lets all keys through, processes output, and leaves other bits alone', () => {
    const k = new FakeKernel();
    const settings = k.memory('settings', 36);
    const set = terminal(k);
    makeRaw(k, { fd: 0, settings });
    expect(k.lines).toEqual(['ioctl(0, TCGETS, raw settings)', 'ioctl(0, TCSETS, raw settings)']);
    const words = [0, 4, 8, 12].map((offset) => set[0]?.readUInt32LE(offset));
    expect(words).toEqual([0x4000, OPOST | ONLCR, 0xbf, 0x10000]);
    expect(set[0]?.[17 + VMIN]).toBe(1);
  });

  it('is undone when something fails later', () => {
    const k = new FakeKernel();
    const settings = k.memory('settings', 36);
    const start = () =>
      k.transaction(() => {
        makeRaw(k, { fd: 0, settings });
        k.fail('no');
      });
    expect(start).toThrow('no');
    expect(k.lines.at(-1)).toBe('ioctl(0, TCSETS, settings)');
  });
});

describe('passLineEnds', () => {
  it('clears one bit', () => {
    const k = new FakeKernel();
    const set = terminal(k);
    passLineEnds(k, 5);
    expect(set[0]?.readUInt32LE(4)).toBe(OPOST);
    expect(set[0]?.readUInt32LE(0)).toBe(ICRNL | 0x4000);
  });
});

describe('copySize', () => {
  it('copies it', () => {
    const k = new FakeKernel();
    terminal(k);
    copySize(k, 0, 5);
    expect(k.lines).toEqual([
      'ioctl(0, TIOCGWINSZ, window size)',
      'ioctl(5, TIOCSWINSZ, window size)',
    ]);
  });

  it('leaves it where there is none', () => {
    const without = new FakeKernel();
    copySize(without, 0, 5);
    const failing = new FakeKernel();
    failing.fail('ioctl', 'EIO');
    copySize(failing, 0, 5);
    for (const k of [without, failing])
      expect(k.lines).toEqual(['ioctl(0, TIOCGWINSZ, window size)']);
  });
});
