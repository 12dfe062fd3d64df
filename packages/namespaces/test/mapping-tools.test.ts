import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMappingTools } from '../src/index.ts';
import { configWith } from './config.ts';

const user = { rootless: true, euid: 1000, egid: 1001 };
const own = (hostID: number) => [{ containerID: 0, hostID, size: 1 }];
const range = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
const namespaces = [{ type: 'user' as const }];
const both = configWith({ namespaces, uidMappings: range, gidMappings: range });

describe('findMappingTools', () => {
  let directory = '';
  let path = '';

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'mapping-tools-'));
    for (const name of ['empty', 'first', 'second']) mkdirSync(join(directory, name));
    for (const file of ['first/newuidmap', 'second/newuidmap', 'second/newgidmap']) {
      writeFileSync(join(directory, file), '');
      chmodSync(join(directory, file), file === 'first/newuidmap' ? 0o644 : 0o755);
    }
    path = ['empty', 'first', 'second'].map((name) => join(directory, name)).join(':');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('finds the first that can be executed', () => {
    expect(findMappingTools(both, user, path)).toEqual({
      newuidmap: join(directory, 'second/newuidmap'),
      newgidmap: join(directory, 'second/newgidmap'),
    });
  });

  it('looks for what is needed only', () => {
    const groups = configWith({ namespaces, uidMappings: own(1000), gidMappings: range });
    expect(Object.keys(findMappingTools(groups, user, path))).toEqual(['newgidmap']);
    const none = configWith({ namespaces, uidMappings: own(1000), gidMappings: own(1001) });
    const joined = configWith({ namespaces: [{ type: 'user', path: '/ns' }], uidMappings: range });
    for (const config of [none, joined, configWith({})])
      expect(findMappingTools(config, user, path)).toEqual({});
    expect(findMappingTools(both, { ...user, rootless: false }, path)).toEqual({});
  });

  it('finds none where there is none', () => {
    for (const none of ['', join(directory, 'empty'), 'relative:.'])
      expect(findMappingTools(both, user, none)).toEqual({});
  });
});
