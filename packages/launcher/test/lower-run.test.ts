import { compare, O_NONBLOCK, Parameter, SOCK_STREAM, text } from '@oci/kernel';
import type { Recorder, RecorderOptions } from '@oci/launcher';
import { afterAll, describe, expect, it } from 'vitest';
import { Runner } from './run-program.ts';

/*
 * Edges at which launchers once did something else than other kernels.
 */
describe('a launcher behaves as a live kernel does', () => {
  const runner = new Runner(process.arch === 'arm64' ? 'aarch64' : 'x86_64');
  afterAll(() => runner[Symbol.dispose]());

  const run = (body: (k: Recorder) => void, parameters: RecorderOptions['parameters'] = []) =>
    runner.run((k) => k.lane('host', { by: 'message' }, () => body(k)), [], parameters);

  it('when an error has a number without a name, as ENOTSUPP or a filter gives', () => {
    const { status, stderr } = run((k) => k.doing('try', () => k.raise(0, 524)));
    expect(status).toBe(1);
    expect(stderr).toMatch(/unknown error/);
  });

  it('when a text is not written whole', () => {
    const { status, stdout } = run((k) => {
      const ends = k.memory('ends', 8);
      k.pipe2(ends, O_NONBLOCK);
      k.writeText(k.load(ends, 4, 4), 'x'.repeat(100_000));
      k.writeText(1, 'all is written');
    });
    expect([status, stdout]).toEqual([1, '']);
  });

  it('when memory in a text is full to its last byte', () => {
    const { stdout } = run((k) => {
      const [full, next] = [k.memory('full', 8), k.memory('next', 8)];
      for (let at = 0; at < 8; at++)
        for (const memory of [full, next]) k.store(memory, at, 1, 0x61 + at);
      k.writeText(1, text`<${full}>`);
      k.store(next, 7, 1, 0);
    });
    expect(stdout).toBe('<abcdefgh>');
  });

  it('when the kernel writes to a struct, each time anew', () => {
    const { status, stdout } = run((k) => {
      const [ends, data] = [k.memory('ends', 8), k.memory('data', 8)];
      k.socketpair(SOCK_STREAM, ends);
      const [from, to] = [k.load(ends, 0, 4), k.load(ends, 4, 4)];
      k.writeText(to, 'none');
      const rounds = k.variable('rounds', 0);
      k.loop((leave) => {
        const control = k.memory('control', 24);
        k.receiveDescriptor(from, data, control, 0);
        k.writeText(1, text`${k.load(control, 0, 8)} `);
        k.set(rounds, k.compute(rounds.value, '+', 1));
        k.when(compare(rounds.value, '==', 2), leave);
        k.sendDescriptor(to, Buffer.from('one'), 3, 1, 0);
      });
    });
    expect([status, stdout]).toEqual([0, '0 20 ']);
  });

  it('when an undo attempts something', () => {
    const { stdout } = run((k) => {
      k.undo(() =>
        k.attempt(
          ['ENOENT'],
          () => {
            k.openat(k.cwd, '/none', 0);
            return undefined;
          },
          () => {
            k.writeText(1, 'the other way');
            return undefined;
          },
        ),
      );
      k.fail('no');
    });
    expect(stdout).toBe('the other way');
  });

  it('when an undo fails', () => {
    const outcome = run((k) => {
      k.undo(() => k.writeText(1, 'first made'));
      k.undo(() => k.fail('nobody reads this'));
      k.fail('the reason');
    });
    expect(outcome).toEqual({ status: 1, stdout: 'first made', stderr: 'program: the reason\n' });
  });

  it('when a message holds memory, up to its first NUL and on one line', () => {
    const { stderr } = run((k) => {
      const words = k.memory('words', 16);
      for (const [at, byte] of Buffer.from('a "b"\n\\').entries()) k.store(words, at, 1, byte);
      k.when(compare(k.getpid(), '<', 0), () => k.fail(text`other ${words}`));
      k.doing('try', () => k.fail(text`<${words}> and <${words}>`));
    });
    expect(stderr).toBe('program: try: <a "b"?\\> and <a "b"?\\>\n');
  });

  it('when a message names a parameter that was not given', () => {
    const file = new Parameter('file');
    const { status, stderr } = run((k) => k.fail(text`cannot write ${file}`), [file]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^program: cannot write/);
  });
});
