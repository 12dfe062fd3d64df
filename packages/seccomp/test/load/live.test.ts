import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sample } from './sample.ts';

/** What a program beside this file prints. It confines itself, so it is a process of its own. */
function run(name: string, ...args: readonly string[]): Record<string, unknown> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const options = ['--conditions=@oci/source', '--import', 'tsx'];
  const { stdout, stderr } = spawnSync(process.execPath, [...options, program, ...args], {
    encoding: 'utf8',
    timeout: 40_000,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('a filter that is loaded here', () => {
  it.each([1, 2, 3])('decides as the simulator says (sample %i)', (seed) => {
    const { calls } = sample(seed, 'SCMP_ARCH_X86_64');
    const { answered, ...rest } = run('confined.ts', String(seed));
    expect(rest).toEqual({ calls: calls.length, wrong: [] });
    // Neither all nor none, or nothing would be shown.
    expect(answered).toBeGreaterThan(50);
    expect(answered).toBeLessThan(calls.length - 50);
  });

  it('confines the calling thread, and threads that it makes', () => {
    expect(run('threads.ts')).toEqual({ unconfined: 0, main: 1234, before: 0, after: 1234 });
  });

  it('confines all threads with SECCOMP_FILTER_FLAG_TSYNC', () => {
    expect(run('threads.ts', 'SECCOMP_FILTER_FLAG_TSYNC')).toEqual({
      ...{ unconfined: 0, main: 1234, before: 1234, after: 1234 },
    });
  });
});
