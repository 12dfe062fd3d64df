import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ContainerStore } from '../../src/store/store.ts';
import { FakeHost, temporaryDirectory } from './support.ts';

describe('ContainerStore', () => {
  it('lists containers by id, half-made ones too', () => {
    const host = new FakeHost();
    host.container('b');
    host.container('a', null);
    host.container('c.1');
    const error = vi.fn();
    expect(host.store.list(error).map(({ id }) => id)).toEqual(['a', 'b', 'c.1']);
    expect(error).not.toHaveBeenCalled();
  });

  it('passes over what is no container', () => {
    const host = new FakeHost();
    writeFileSync(join(host.root, 'file'), '');
    mkdirSync(join(host.root, 'not an id'));
    symlinkSync('/etc', join(host.root, 'link'));
    expect(host.store.ids()).toEqual([]);
    expect(() => host.store.load('file')).toThrow('container does not exist');
    expect(() => host.store.load('link')).toThrow('container does not exist');
  });

  it('tells of containers that cannot be read and lists the others', () => {
    const host = new FakeHost();
    host.container('bad', 'x');
    host.container('good');
    const error = vi.fn();
    expect(host.store.list(error).map(({ id }) => id)).toEqual(['good']);
    expect(error).toHaveBeenCalledExactlyOnceWith(
      'bad',
      expect.objectContaining({ code: 'DAMAGED' }),
    );
  });

  it('is empty where no root directory is', () => {
    const store = new ContainerStore(join(temporaryDirectory(), 'none'));
    expect(store.ids()).toEqual([]);
    expect(() => store.load('x')).toThrow('container does not exist');
  });

  it('knows whether an id is free', () => {
    const host = new FakeHost();
    host.container('x', null);
    symlinkSync('nowhere', join(host.root, 'link'));
    expect(() => host.store.checkFree('x')).toThrow('container with given ID already exists');
    expect(() => host.store.checkFree('link')).toThrow('container with given ID already exists');
    expect(() => host.store.checkFree('..')).toThrow('invalid container ID format');
    expect(() => host.store.checkFree('y')).not.toThrow();
  });

  it('removes a container with whatever is in it, and nothing behind links', () => {
    const host = new FakeHost();
    const directory = host.container('x');
    host.fifo('x');
    mkdirSync(join(directory, 'deep'));
    writeFileSync(join(directory, 'deep', '.state.json'), '');
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'kept'), '');
    symlinkSync(outside, join(directory, 'deep', 'link'));
    host.store.remove('x');
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(join(outside, 'kept'))).toBe(true);
    expect(() => host.store.remove('x')).not.toThrow();
  });
});
