import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyedCache } from '@oci/cache';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let parent: string;
let directory: string;
let cache: KeyedCache;
const content = Uint8Array.of(10, 0, 255, 10);

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'keyed-cache-'));
  directory = join(parent, 'a/cache');
  cache = new KeyedCache(directory, { most: 4 });
});
afterEach(() => rmSync(parent, { recursive: true }));

function entry(): string {
  const [name = ''] = readdirSync(directory);
  return join(directory, name);
}

describe('a cache', () => {
  it('finds what was kept, by its whole key', () => {
    expect(cache.find('key')).toBeUndefined();
    cache.keep('key', content);
    cache.keep('empty', new Uint8Array());
    expect(cache.find('key')).toEqual(Buffer.from(content));
    expect(cache.find('empty')).toHaveLength(0);
    expect(cache.find('keys')).toBeUndefined();
  });

  it('is for its owner alone', () => {
    cache.keep('key', content);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(entry()).mode & 0o777).toBe(0o600);
  });

  it('keeps a bounded number, the latest', () => {
    for (let key = 0; key < 9; key++) cache.keep(String(key), content);
    expect(readdirSync(directory)).toHaveLength(4);
    expect(cache.find('8')).toBeDefined();
  });

  it('does without a directory that cannot be made', () => {
    const none = new KeyedCache('/proc/none/cache', { most: 1 });
    none.keep('key', content);
    expect(none.find('key')).toBeUndefined();
  });

  it('neither reads nor writes where others may write', () => {
    cache.keep('key', content);
    chmodSync(directory, 0o770);
    expect(cache.find('key')).toBeUndefined();
    cache.keep('other', content);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('does not follow a link to a directory', () => {
    mkdirSync(join(parent, 'real'), { mode: 0o700 });
    symlinkSync('real', join(parent, 'link'));
    const linked = new KeyedCache(join(parent, 'link'), { most: 1 });
    linked.keep('key', content);
    expect(readdirSync(join(parent, 'real'))).toEqual([]);
  });
});

describe('an entry', () => {
  it.each<[string, (path: string) => void]>([
    ['cut short', (path) => writeFileSync(path, readFileSync(path).subarray(0, -1))],
    ['longer than it was', (path) => appendFileSync(path, 'x')],
    ['empty', (path) => writeFileSync(path, '')],
    ['not one', (path) => writeFileSync(path, '7\nx')],
    [
      'changed in one bit',
      (path) => {
        const bytes = readFileSync(path);
        const last = bytes.length - 1;
        bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
        writeFileSync(path, bytes);
      },
    ],
    [
      'of another key',
      (path) => writeFileSync(path, readFileSync(path, 'latin1').replace('key', 'yek'), 'latin1'),
    ],
    [
      'a link',
      (path) => {
        const real = join(parent, 'real');
        renameSync(path, real);
        symlinkSync(real, path);
      },
    ],
    [
      'a directory',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('that is %s is not used', (_, damage) => {
    cache.keep('key', content);
    expect(cache.find('key')).toBeDefined();
    damage(entry());
    expect(cache.find('key')).toBeUndefined();
  });

  it('is replaced whole', () => {
    cache.keep('key', content);
    const before = entry();
    linkSync(before, join(parent, 'before'));
    cache.keep('key', Uint8Array.of(1));
    expect(cache.find('key')).toEqual(Buffer.of(1));
    expect(readFileSync(join(parent, 'before')).subarray(-4)).toEqual(Buffer.from(content));
  });
});
