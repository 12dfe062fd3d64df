import { errnoNumber } from '@oci/kernel';
import { describe, expect, it } from 'vitest';
import { stateDirectory } from '../../src/stages/state-directory.ts';
import { filledLines, parameters, startedKernel } from './support.ts';

const newDirectory = () => stateDirectory(parameters.root, parameters.id);

const MAKE = 'mkdirat(AT_FDCWD, "/run/ocirun/c1", 0711)';
const REMOVE = 'unlinkat(AT_FDCWD, "/run/ocirun/c1", AT_REMOVEDIR)';
const OPEN = 'openat(AT_FDCWD, "/run/ocirun/c1", O_DIRECTORY|O_CLOEXEC, 0)';
const LOCK = 'flock(3, LOCK_EX|LOCK_NB)';

describe('the state directory', () => {
  it('is made and locked, which claims the id', () => {
    const k = startedKernel();
    const { stage, directory } = newDirectory();
    stage.run(k);
    expect(filledLines(k)).toEqual([MAKE, OPEN, LOCK]);
    expect(directory.value).toBe(3);
    expect(k.open).toEqual([3]);
  });

  it('that is there belongs to another container, and is left alone', () => {
    const k = startedKernel();
    k.fail('mkdirat', 'EEXIST');
    expect(() => k.transaction(() => newDirectory().stage.run(k))).toThrow(
      /^make the state directory: container with given ID already exists$/,
    );
    expect(filledLines(k)).toEqual([MAKE]);
  });

  it.each([
    ['', 0],
    [', although another start makes that meanwhile', errnoNumber('EEXIST')],
  ])('is made together with its root%s', (_, errno) => {
    const k = startedKernel();
    const results = [-errnoNumber('ENOENT'), -errno, 0];
    k.returns('mkdirat', () => results.shift() ?? 0);
    newDirectory().stage.run(k);
    const root = 'mkdirat(AT_FDCWD, "/run/ocirun", 0711)';
    expect(filledLines(k)).toEqual([MAKE, root, MAKE, OPEN, LOCK]);
  });

  it('is made by one of two that make the root at once', () => {
    const k = startedKernel();
    k.fail('mkdirat', 'EEXIST', { when: /id\}"/ });
    k.fail('mkdirat', 'ENOENT', { times: 1 });
    expect(() => newDirectory().stage.run(k)).toThrow('container with given ID already exists');
  });

  it.each(['EACCES', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EPERM'] as const)(
    'that cannot be made says why: %s',
    (errno) => {
      const k = startedKernel();
      k.fail('mkdirat', errno);
      expect(() => k.transaction(() => newDirectory().stage.run(k))).toThrow(
        /^make the state directory: mkdirat: /,
      );
      expect(filledLines(k)).toEqual([MAKE]);
    },
  );

  it.each(['openat', 'flock'] as const)('is removed when its %s fails', (call) => {
    const k = startedKernel();
    k.fail(call, 'EAGAIN');
    expect(() => k.transaction(() => newDirectory().stage.run(k))).toThrow(
      `lock the state directory: ${call}: `,
    );
    expect(filledLines(k).at(-1)).toBe(REMOVE);
  });

  it('is removed with the state in it, whatever of it is there', () => {
    const k = startedKernel();
    k.fail('unlinkat', 'ENOENT');
    const directory = newDirectory();
    directory.directory.provide(7);
    directory.removeAll(k);
    expect(filledLines(k)).toEqual(['unlinkat(7, "state.json", 0)', REMOVE]);
  });
});
