import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../store/support.ts';

const wrapper = fileURLToPath(new URL('../../bin/ocirun', import.meta.url));

/** A copy of the wrapper with a program behind it that prints what it was given. */
function install(program = true): string {
  const directory = join(temporaryDirectory(), 'with space');
  mkdirSync(join(directory, 'bin'), { recursive: true });
  copyFileSync(wrapper, join(directory, 'bin', 'ocirun'));
  if (program) {
    mkdirSync(join(directory, 'dist', 'cli'), { recursive: true });
    const print =
      'process.stdout.write(JSON.stringify([process.argv.slice(2),process.env.OCIRUN_NOFILE]))';
    writeFileSync(join(directory, 'dist', 'cli', 'entry.cjs'), print);
  }
  return join(directory, 'bin', 'ocirun');
}

function call(command: string, args: readonly string[] = [], cwd?: string) {
  return spawnSync(command, args, { encoding: 'utf8', ...(cwd !== undefined && { cwd }) });
}

describe('bin/ocirun', () => {
  it('passes every argument on as it is', () => {
    const args = ['state', 'a b', '', '*', '--x=$y', "'"];
    expect(JSON.parse(call(install(), args).stdout)[0]).toEqual(args);
  });

  it('passes on the limit on open files that its caller had', () => {
    const file = install();
    const limited = call('sh', ['-c', 'ulimit -Sn 123; exec "$0"', file]);
    expect(JSON.parse(limited.stdout)).toEqual([[], '123']);
  });

  it('works through symbolic links, from PATH, and from its own directory', () => {
    const file = install();
    const links = temporaryDirectory();
    symlinkSync(file, join(links, 'one'));
    symlinkSync('one', join(links, 'ocirun'));
    expect(call(join(links, 'ocirun'), ['x']).stdout).toContain('[["x"]');
    const viaPath = spawnSync('sh', ['-c', 'ocirun x'], {
      encoding: 'utf8',
      env: { PATH: `${links}:${process.env.PATH}` },
    });
    expect(viaPath.stdout).toContain('[["x"]');
    expect(call('./ocirun', ['x'], join(file, '..')).stdout).toContain('[["x"]');
    expect(call('sh', ['ocirun', 'x'], join(file, '..')).stdout).toContain('[["x"]');
  });

  it('says what to do before it is built', () => {
    const { status, stdout, stderr } = call(install(false));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      /^ocirun: .*dist\/cli\/entry\.cjs is not there: run 'npm run build' first\n$/,
    );
  });
});
