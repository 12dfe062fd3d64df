import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStateFile } from '../../src/store/state-file.ts';
import { stateOf, temporaryDirectory } from './support.ts';

function read(text: string) {
  const path = join(temporaryDirectory(), 'state.json');
  writeFileSync(path, text);
  return readStateFile(path, 'x');
}

describe('readStateFile', () => {
  it('reads what a launcher writes, and leaves out what it does not know', () => {
    const state = { ...stateOf('x'), annotations: { a: 'b' } };
    expect(read(JSON.stringify({ ...state, later: 1 }))).toEqual(state);
  });

  it('finds nothing where nothing is', () => {
    expect(readStateFile(join(temporaryDirectory(), 'state.json'), 'x')).toBeUndefined();
  });

  it.each([
    ['', 'not valid JSON'],
    ['{"ociVersion"', 'not valid JSON'],
    ['[]', 'state: '],
    [JSON.stringify({ ...stateOf('x'), pid: 0 }), 'pid: '],
    [JSON.stringify({ ...stateOf('x'), pid: -1 }), 'pid: '],
    [JSON.stringify({ ...stateOf('x'), pid: '41' }), 'pid: '],
    [JSON.stringify({ ...stateOf('x'), startTime: 1.5 }), 'startTime: '],
    [JSON.stringify({ ...stateOf('x'), bundle: undefined }), 'bundle: '],
    [JSON.stringify({ ...stateOf('x'), annotations: { a: 1 } }), 'annotations.a: '],
    [JSON.stringify(stateOf('y')), 'it is of another container ("y")'],
  ])('refuses %j', (text, why) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
    expect(() => read(text)).toThrow(`state.json: ${why}`);
  });
});
