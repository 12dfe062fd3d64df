import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LauncherCache } from '../../src/launcher-cache.ts';
import { FakeWorld } from './support.ts';

let directory: string;
let cacheDirectory: string;
let world: FakeWorld;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'launcher-cache-'));
  cacheDirectory = join(directory, 'cache');
  writeFileSync(join(directory, 'config.json'), '{"first": 1}');
  world = new FakeWorld();
  world.cache = new LauncherCache(cacheDirectory);
});

afterEach(() => rmSync(directory, { recursive: true }));

const run = (...flags: string[]) =>
  world.run('--root', join(directory, 'root'), 'run', ...flags, '-b', directory, 'x');

describe('the launcher cache', () => {
  it('spares compiling the same again, and repeats its warnings', async () => {
    world.engine.warnings = ['odd'];
    const [first, second] = [await run(), await run()];
    expect(world.engine.compiled).toHaveLength(1);
    expect(world.engine.launched).toHaveLength(2);
    expect(second).toEqual(first);
    expect(second.stderr).toContain('odd');
  });

  it('finds nothing for another config, other options, or another build', async () => {
    await run();
    writeFileSync(join(directory, 'config.json'), '{"first": 2}');
    await run();
    await run('--keep');
    await run('--preserve-fds', '1');
    expect(world.engine.compiled).toHaveLength(4);
  });

  it('is not filled by create, as engines use it', async () => {
    await world.run('--root', join(directory, 'root'), 'create', '-b', directory, 'x');
    expect(() => readdirSync(cacheDirectory)).toThrow('ENOENT');
  });

  it('is not used when others may write to it', async () => {
    mkdirSync(cacheDirectory);
    chmodSync(cacheDirectory, 0o777);
    await run();
    await run();
    expect(world.engine.compiled).toHaveLength(2);
    expect(readdirSync(cacheDirectory)).toEqual([]);
  });

  it.each([
    ['cut short', (path: string) => writeFileSync(path, '{"key"')],
    ['empty', (path: string) => writeFileSync(path, '')],
    [
      'of another key',
      (path: string) => writeFileSync(path, '{"key":"x","warnings":[],"size":0}\n\n'),
    ],
  ])('does not use an entry that is %s', async (_what, damage) => {
    await run();
    for (const name of readdirSync(cacheDirectory)) damage(join(cacheDirectory, name));
    await run();
    expect(world.engine.compiled).toHaveLength(2);
  });

  it('keeps a bounded number', () => {
    const cache = new LauncherCache(cacheDirectory);
    const launcher = Uint8Array.of(1);
    for (let key = 0; key < 100; key++) cache.keep(String(key), { launcher, warnings: [] });
    expect(readdirSync(cacheDirectory)).toHaveLength(64);
    expect(cache.find('99')?.launcher).toEqual(Buffer.of(1));
  });
});
