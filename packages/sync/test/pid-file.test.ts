import { Parameter, type Pid, Provision } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { pidFileStage } from '@oci/sync';
import { describe, expect, it } from 'vitest';

function newStage() {
  const container = new Provision<Pid>('container process');
  const written = new Provision('pid written');
  container.provide(4242);
  return pidFileStage(new Parameter('pid-file'), container, written);
}
const given = () => new FakeKernel({ parameters: { 'pid-file': '/run/a.pid' } });

describe('the pid file', () => {
  it('holds the process id in decimal', () => {
    const k = given();
    newStage().run(k);
    expect(k.lines).toEqual([
      `openat(AT_FDCWD, "\${pid-file}", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0644)`,
      'write(3, "4242", 4)',
      'close(3)',
    ]);
    expect(k.open).toEqual([]);
    expect(k.calls.every(({ doing }) => doing[0] === 'write the pid file')).toBe(true);
  });

  it('is not written when nobody asked for it', () => {
    const k = new FakeKernel();
    newStage().run(k);
    expect(k.lines).toEqual([]);
  });

  it.each([
    ['given', given],
    ['not given', () => new FakeKernel()],
  ])('lets who needs it go on, the parameter %s', (_, kernel) => {
    const stage = newStage();
    stage.run(kernel());
    const [written] = (stage.provides ?? []) as Provision[];
    expect(() => written?.value).not.toThrow();
  });

  it('is removed when the start fails later, or it cannot be written', () => {
    const later = given();
    const start = () => {
      newStage().run(later);
      later.fail('something else');
    };
    expect(() => later.transaction(start)).toThrow('something else');
    expect(later.lines.at(-1)).toBe(`unlinkat(AT_FDCWD, "\${pid-file}", 0)`);

    const full = given();
    full.fail('write', 'ENOSPC');
    expect(() => full.transaction(() => newStage().run(full))).toThrow(
      'write the pid file: write: no space left on device',
    );
    expect(full.lines.at(-1)).toMatch(/^unlinkat/);
  });

  it('that could not be opened is left alone', () => {
    const k = given();
    k.fail('openat', 'EACCES');
    expect(() => k.transaction(() => newStage().run(k))).toThrow('permission denied');
    expect(k.lines).toHaveLength(1);
  });
});
