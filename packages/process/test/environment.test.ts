import { describe, expect, it } from 'vitest';
import { candidates, environment } from '../src/index.ts';
import { configWith } from './config.ts';

const of = (env: string[]) => environment(configWith({ env }));

describe('environment', () => {
  it('keeps the last of a variable, in its place', () => {
    expect(of(['A=1', 'B=2', 'A=3=3', 'HOME=/x']).entries).toEqual(['B=2', 'A=3=3', 'HOME=/x']);
  });

  it('needs HOME where there is none, or an empty one', () => {
    expect(of([])).toEqual({ entries: [], needsHome: true });
    expect(of(['HOME=', 'A=1'])).toEqual({ entries: ['A=1'], needsHome: true });
    expect(of(['HOME=/a', 'HOME='])).toEqual({ entries: [], needsHome: true });
    expect(of(['HOME=', 'HOME=/a'])).toEqual({ entries: ['HOME=/a'], needsHome: false });
    expect(of(['HOMER=1']).needsHome).toBe(true);
  });
});

describe('candidates', () => {
  const find = (file: string, env: string[]) => candidates(configWith({ args: [file], env }));

  it('is the path itself where there is a slash', () => {
    expect(find('./a', ['PATH=/bin'])).toEqual(['./a']);
  });

  it('is one for each directory of the last PATH', () => {
    expect(find('a', ['PATH=/x', 'PATH=/bin:/usr/bin/:rel:'])).toEqual([
      '/bin/a',
      '/usr/bin/a',
      'rel/a',
      'a',
    ]);
  });

  it('is nothing without PATH, or without a name', () => {
    expect(find('a', [])).toEqual([]);
    expect(find('a', ['PATH='])).toEqual([]);
    expect(find('', ['PATH=/bin'])).toEqual([]);
  });
});
