import { Provision, S_IFCHR, S_IFDIR, S_IFREG } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { type Executable, lookupStage } from '../src/index.ts';
import { bare, configWith, files } from './config.ts';

const program = S_IFREG | 0o755;

function find(file: string, tree: Record<string, number>, path = '/a:/b'): Executable {
  const kernel = new FakeKernel();
  files(kernel, tree);
  return run(kernel, file, path);
}

function run(kernel: FakeKernel, file: string, path = '/a:/b'): Executable {
  const executable = new Provision<Executable>('executable');
  lookupStage(configWith({ ...bare, args: [file], env: [`PATH=${path}`] }), executable).run(kernel);
  return executable.value;
}

describe('lookupStage, along PATH', () => {
  it('takes the first that is a file and can be executed', () => {
    const tree = { '/a/x': program, '/b/x': program };
    expect(find('x', tree)).toEqual({ candidates: ['/a/x', '/b/x'], chosen: 0 });
    expect(find('x', { ...tree, '/a/x': S_IFREG | 0o644 }).chosen).toBe(1);
    expect(find('x', { ...tree, '/a/x': S_IFDIR | 0o755 }).chosen).toBe(1);
    expect(find('x', { ...tree, '/a/x': S_IFCHR | 0o755 }).chosen).toBe(1);
    expect(find('x', { '/b/x': program }).chosen).toBe(1);
  });

  it('looks no further than that', () => {
    const kernel = new FakeKernel();
    files(kernel, { '/a/x': program });
    run(kernel, 'x');
    expect(kernel.lines).toEqual([
      'faccessat2(AT_FDCWD, "/a/x", X_OK, AT_EACCESS)',
      'openat2(AT_FDCWD, "/a/x", {flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_MAGICLINKS}, 24)',
      'statx(100, "", AT_EMPTY_PATH, STATX_TYPE, executable)',
    ]);
  });

  it.each([
    ['x', '/a:/b', 'exec: "x": executable file not found in $PATH'],
    ['x', '', 'exec: "x": executable file not found in $PATH'],
    ['', '/a:/b', 'exec: "": executable file not found in $PATH'],
  ])('says of %j in %j: %s', (file, path, message) => {
    expect(() => find(file, {}, path)).toThrow(new Error(message));
  });

  it('does not run what is found in the working directory by chance', () => {
    expect(() => find('x', { 'rel/x': program }, 'rel:/b')).toThrow(
      new Error('exec: "x": cannot run executable found relative to current directory'),
    );
    expect(find('x', { '/b/x': program }, 'rel:/b').chosen).toBe(1);
  });
});

describe('lookupStage, of a path', () => {
  it('needs no look along PATH', () => {
    expect(find('/x', { '/x': program })).toEqual({ candidates: ['/x'], chosen: 0 });
    expect(find('./x', { './x': program }).candidates).toEqual(['./x']);
  });

  it.each([
    ['missing', {}, 'exec: "/x": stat /x: no such file or directory'],
    ['no program', { '/x': S_IFREG | 0o644 }, 'exec: "/x": permission denied'],
    ['a directory', { '/x': S_IFDIR | 0o755 }, 'exec: "/x": is a directory'],
    ['a device', { '/x': S_IFCHR | 0o777 }, 'exec: "/x": permission denied'],
  ])('says when it is %s', (_, tree: Record<string, number>, message) => {
    expect(() => find('/x', tree)).toThrow(new Error(message));
  });

  it.each([
    ['ENOTDIR', 'not a directory'],
    ['EACCES', 'permission denied'],
    ['ELOOP', 'too many levels of symbolic links'],
  ] as const)('says when it cannot be looked up for %s', (errno, words) => {
    const kernel = new FakeKernel();
    kernel.fail('openat2', errno);
    expect(() => run(kernel, '/x/y')).toThrow(new Error(`exec: "/x/y": stat /x/y: ${words}`));
  });
});
