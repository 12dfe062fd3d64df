import { TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import type { Linux } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { timeOffsetStages } from '../src/index.ts';
import { configWith, filesystem } from './config.ts';

function lines(timeOffsets: Linux['timeOffsets'], kernel = new FakeKernel()): readonly string[] {
  filesystem(kernel);
  const config = configWith({ namespaces: [{ type: 'time' }], timeOffsets });
  for (const stage of timeOffsetStages(config)) {
    expect(stage.lane).toBe('container');
    stage.run(kernel);
  }
  return kernel.lines;
}

const file =
  '"self/timens_offsets", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}, 24)';

describe('timeOffsetStages', () => {
  it('makes a namespace, sets its clocks and joins it', () => {
    const kernel = new FakeKernel();
    expect(
      lines({ boottime: { secs: 86400 }, monotonic: { secs: -5, nanosecs: 7 } }, kernel),
    ).toEqual([
      'openat2(AT_FDCWD, "/proc", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
      'fstatfs(3, statfs)',
      'unshare(CLONE_NEWTIME)',
      `openat2(3, ${file}`,
      'write(4, "monotonic -5 7\\n", 15)',
      'close(4)',
      `openat2(3, ${file}`,
      'write(5, "boottime 86400 0\\n", 17)',
      'close(5)',
      'openat(3, "self/ns/time_for_children", O_CLOEXEC, 0)',
      'setns(6, CLONE_NEWTIME)',
      'close(6)',
      'close(3)',
    ]);
    expect(kernel.open).toEqual([]);
  });

  it('writes the widest offset as it is', () => {
    const written = lines({ monotonic: { secs: -(2n ** 63n) } });
    expect(written).toContainEqual(expect.stringContaining('monotonic -9223372036854775808 0'));
    expect(written.filter((line) => line.startsWith('write'))).toHaveLength(1);
  });

  it('says which offset the clock cannot have', () => {
    const kernel = new FakeKernel();
    kernel.fail('write', 'ERANGE', { when: /boottime/ });
    expect(() => lines({ monotonic: { secs: 1 }, boottime: { secs: -1e9 } }, kernel)).toThrow(
      'linux.timeOffsets.boottime: sets the clock to before its start, or to more than 146 years after',
    );
  });

  it('trusts no other filesystem', () => {
    const kernel = new FakeKernel();
    filesystem(kernel, TMPFS_MAGIC);
    const config = configWith({ timeOffsets: { monotonic: { secs: 1 } } });
    expect(() => timeOffsetStages(config)[0]?.run(kernel)).toThrow(
      'linux.timeOffsets: open /proc: /proc is not a proc filesystem',
    );
  });

  it('is nothing without offsets', () => {
    expect(lines(undefined)).toEqual([]);
    expect(lines({})).toEqual([]);
  });
});
