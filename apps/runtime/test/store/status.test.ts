import { closeSync, readSync } from 'node:fs';
import { CgroupError } from '@oci/cgroups/live';
import { ociVersion as implemented } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { ociVersion } from '../../src/store/oci-version.ts';
import { describeState } from '../../src/store/state.ts';
import { FakeHost, stateOf, waitAt } from './support.ts';

describe('status', () => {
  it('is creating without a state file', () => {
    const host = new FakeHost();
    host.container('x', null);
    expect(host.store.load('x').status()).toBe('creating');
  });

  it('is created while the process waits at the FIFO', () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    const waiting = waitAt(host.fifo('x'));
    expect(host.store.load('x').status()).toBe('created');
    // Looking must not start it.
    host.store.load('x').fifo.release();
    const byte = Buffer.alloc(2);
    expect(readSync(waiting, byte)).toBe(1);
    expect(byte.toString('latin1', 0, 1)).toBe('0');
    closeSync(waiting);
  });

  it('is running although an interrupted start left the FIFO', () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    host.fifo('x');
    expect(host.store.load('x').status()).toBe('running');
  });

  it('is running without a FIFO', () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    expect(host.store.load('x').status()).toBe('running');
  });

  it('is running though its cgroup is gone', () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    host.cgroup('x').isFrozen = () => {
      throw new CgroupError('MISSING', 'there is no such cgroup');
    };
    expect(host.store.load('x').status()).toBe('running');
  });

  it('is paused while the cgroup is frozen, whether it was started or not', () => {
    const host = new FakeHost();
    host.container('x');
    host.process(41);
    const cgroup = host.cgroup('x');
    cgroup.frozen = true;
    expect(host.store.load('x').status()).toBe('paused');
    const waiting = waitAt(host.fifo('x'));
    expect(host.store.load('x').status()).toBe('paused');
    cgroup.frozen = false;
    expect(host.store.load('x').status()).toBe('created');
    closeSync(waiting);
    host.exit(41);
    cgroup.frozen = true;
    expect(host.store.load('x').status()).toBe('stopped');
  });

  it.each([
    ['is gone', undefined],
    ['is a zombie', { state: 'Z' }],
    ['is another one by now', { startTime: 2000 }],
  ])('is stopped when the process %s', (_, process) => {
    const host = new FakeHost();
    host.container('x');
    host.fifo('x');
    if (process) host.process(41, process);
    expect(host.store.load('x').status()).toBe('stopped');
  });
});

describe('describeState', () => {
  it('names the version of the specification that is implemented', () => {
    expect(ociVersion).toBe(implemented);
  });

  it("has runc's properties in runc's order", () => {
    const host = new FakeHost();
    host.container('x', { annotations: { b: '1' } });
    host.process(41);
    const { startTime: _, ...rest } = stateOf('x');
    const state = describeState(host.store.load('x'));
    expect(state).toEqual({ ...rest, status: 'running', annotations: { b: '1' } });
    expect(Object.keys(state)).toEqual([
      ...['ociVersion', 'id', 'pid', 'status', 'bundle', 'rootfs', 'created'],
      ...['annotations', 'owner'],
    ]);
  });

  it('leaves out annotations where there are none', () => {
    const host = new FakeHost();
    host.container('x', { annotations: {} });
    expect(describeState(host.store.load('x'))).not.toHaveProperty('annotations');
  });

  it('gives pid 0 to a container that has stopped', () => {
    const host = new FakeHost();
    host.container('x');
    expect(describeState(host.store.load('x'))).toMatchObject({ pid: 0, status: 'stopped' });
  });

  it('tells of a half-made container what there is to tell', () => {
    const host = new FakeHost();
    host.container('x', null);
    expect(describeState(host.store.load('x'))).toEqual({
      ociVersion: '1.3.0',
      id: 'x',
      pid: 0,
      status: 'creating',
      ...{ bundle: '', rootfs: '', created: '', owner: '' },
    });
  });
});
