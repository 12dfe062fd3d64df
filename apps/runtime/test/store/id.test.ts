import { describe, expect, it } from 'vitest';
import { ContainerError } from '../../src/store/errors.ts';
import { checkId } from '../../src/store/id.ts';

describe('checkId', () => {
  it.each(['a', 'A-Z_0+9.x', '...', '-x', '.hidden', 'x'.repeat(255)])('takes %j', (id) => {
    expect(() => checkId(id)).not.toThrow();
  });

  it.each(['.', '..', 'a/b', '/', '../x', 'a b', 'a\n', 'ä', 'a\0', 'a:b', '*'])(
    'refuses %j as runc does',
    (id) => {
      expect(() => checkId(id)).toThrow(/^invalid container ID format/);
    },
  );

  it('refuses no id and one that no file can be named by', () => {
    expect(() => checkId('')).toThrow('container id cannot be empty');
    expect(() => checkId('x'.repeat(256))).toThrow('container ID is longer than 255 characters');
  });

  it('says so with a code', () => {
    expect(() => checkId('..')).toThrow(ContainerError);
    expect(() => checkId('..')).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
  });
});
