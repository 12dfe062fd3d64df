import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fd, O_DIRECTORY, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { LiveKernel } from '@oci/kernel/live';
import { EXEC_FIFO, execFifoStages } from '@oci/sync';
import { describe, expect, it, onTestFinished } from 'vitest';

const DIRECTORY = 40;

function stages(directory: Fd = DIRECTORY) {
  const provision = new Provision<Fd>('state directory');
  provision.provide(directory);
  const recorded = new Provision('state written');
  return { ...execFifoStages(provision, [recorded]), provision, recorded };
}

describe('the exec FIFO', () => {
  it('is made in the host lane, for its owner alone, and held open for both', () => {
    const k = new FakeKernel();
    const { make, provision } = stages();
    make.run(k);
    expect(make).toMatchObject({ lane: 'host', needs: [provision] });
    expect(k.lines).toEqual([
      'mknodat(40, "exec.fifo", S_IFIFO|0600, 0)',
      'openat(40, "exec.fifo", O_RDWR|O_CLOEXEC, 0)',
    ]);
    expect(k.calls.map(({ doing }) => doing)).toEqual([
      ['make the exec FIFO'],
      ['make the exec FIFO'],
    ]);
  });

  it('is waited at in the container lane, by the descriptor from before', () => {
    const k = new FakeKernel();
    const { make, wait, recorded } = stages();
    make.run(k);
    wait.run(k);
    expect(wait.lane).toBe('container');
    expect(wait.needs).toEqual([...(make.provides ?? []), recorded]);
    expect(k.lines.at(-1)).toBe('read(3, start, 1)');
    expect(k.open).toEqual([3]);
  });

  it('is not waited at before it is made', () => {
    expect(() => stages().wait.run(new FakeKernel())).toThrow(
      'exec FIFO is needed before a stage provides it',
    );
  });

  it('is removed when the start fails later', () => {
    const k = new FakeKernel();
    const start = () => {
      stages().make.run(k);
      k.fail('something else');
    };
    expect(() => k.transaction(start)).toThrow('something else');
    expect(k.lines.at(-1)).toBe('unlinkat(40, "exec.fifo", 0)');
  });

  it('that was not made by us is not removed', () => {
    const k = new FakeKernel();
    k.fail('mknodat', 'EEXIST');
    expect(() => k.transaction(() => stages().make.run(k))).toThrow(
      'make the exec FIFO: mknodat: file exists',
    );
    expect(k.lines).toHaveLength(1);
  });

  it('lets a container go on that somebody wrote to, and says when nobody waits', () => {
    const directory = mkdtempSync(join(tmpdir(), 'oci-sync-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    // Opened otherwise it would wait for a writer, and this test with it.
    const fake = new FakeKernel();
    stages().make.run(fake);
    expect(fake.lines.at(-1)).toContain('O_RDWR');

    const k = new LiveKernel();
    const fd = k.openat(k.cwd, directory, O_DIRECTORY);
    const { make, wait } = stages(fd);
    make.run(k);
    const path = join(directory, EXEC_FIFO);
    const file = statSync(path);
    expect([file.isFIFO(), file.mode & 0o777]).toEqual([true, 0o600]);

    const open = () => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const starter = open();
    writeSync(starter, '0');
    wait.run(k);
    closeSync(starter);

    const [held] = (make.provides ?? []) as Provision<Fd>[];
    k.close(held?.value ?? -1);
    expect(open).toThrow('ENXIO');
  });
});
