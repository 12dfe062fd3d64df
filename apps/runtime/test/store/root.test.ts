import { chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRoot, defaultRoot, isMapped, prepareRoot } from '../../src/store/root.ts';
import { temporaryDirectory } from './support.ts';

describe('defaultRoot', () => {
  it.each([
    [0, false, {}, '/run/ocirun'],
    [0, false, { XDG_RUNTIME_DIR: '/run/user/0' }, '/run/ocirun'],
    [1000, false, { XDG_RUNTIME_DIR: '/run/user/1000' }, '/run/user/1000/ocirun'],
    [1000, false, {}, '/tmp/ocirun-1000'],
    [1000, false, { XDG_RUNTIME_DIR: '' }, '/tmp/ocirun-1000'],
    [0, true, { XDG_RUNTIME_DIR: '/run/user/5', USER: 'ann' }, '/run/user/5/ocirun'],
    [0, true, { XDG_RUNTIME_DIR: '/run/user/5' }, '/run/user/5/ocirun'],
    [0, true, { XDG_RUNTIME_DIR: '/run/user/5', USER: 'root' }, '/run/ocirun'],
    [0, true, { USER: 'ann' }, '/run/ocirun'],
  ])('of uid %i, in a user namespace: %s, with %j is %s', (uid, inUserNamespace, env, root) => {
    expect(defaultRoot({ uid, inUserNamespace, env })).toBe(root);
  });

  it('knows the first user namespace by its map', () => {
    expect(isMapped('         0          0 4294967295\n')).toBe(false);
    expect(isMapped('         0       1000          1\n')).toBe(true);
    expect(isMapped('0 1000 1\n1 100000 65536\n')).toBe(true);
    expect(isMapped('')).toBe(true);
  });
});

describe('the root directory', () => {
  it('is made for its owner alone', () => {
    const root = join(temporaryDirectory(), 'a', 'root');
    prepareRoot(root);
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(() => prepareRoot(root)).not.toThrow();
  });

  it('is refused when it is another user’s', () => {
    const root = join(temporaryDirectory(), 'root');
    const { uid } = statSync(join(root, '..'));
    expect(() => checkRoot(root, uid)).not.toThrow();
    mkdirSync(root);
    expect(() => checkRoot(root, uid)).not.toThrow();
    // Root's own is anybody's to use; what anybody else owns is his alone.
    if (uid === 0) {
      expect(() => checkRoot(root, 1)).not.toThrow();
      chownSync(root, 1234, 1234);
    }
    expect(() => checkRoot(root, uid + 1)).toThrow('belongs to another user');
  });
});
