import { type Fd, type Pid, Provision, text } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { Seccomp, SeccompAction } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/compile.ts';
import { Filter } from '../../src/filter.ts';
import {
  type Agent,
  allowsCall,
  checkLoading,
  filterFlags,
  seccompStages,
} from '../../src/load/index.ts';

/** BPF_RET|BPF_K of SECCOMP_RET_ALLOW. */
const allowAll = new Filter(Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f));

const profile: Seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
const notifying: Seccomp = {
  ...profile,
  listenerPath: '/run/agent.sock',
  listenerMetadata: 'a "b"',
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
};

function newAgent(): Agent {
  const container = new Provision<Pid>('container');
  const pidfd = new Provision<Fd>('pidfd');
  container.provide(42);
  pidfd.provide(9);
  return {
    id: text`box`,
    state: { ociVersion: '1.3.0', bundle: '/b', annotations: { k: 'v' } },
    container,
    pidfd,
    sent: new Provision('sent'),
    mayClose: false,
    channel: { tell: (k, fd) => k.writeText(8, text`${fd}`), told: () => 7 },
  };
}

describe('a filter', () => {
  it('is loaded by one call', () => {
    const k = new FakeKernel();
    const stages = seccompStages(profile, { filter: allowAll, notifies: false }, newAgent());
    for (const stage of stages) stage.run(k);
    expect(stages.map(({ lane }) => lane)).toEqual(['container']);
    expect(k.lines).toEqual([
      'seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, {len=1, filter=<8 bytes>})',
    ]);
  });

  it('says where it failed', () => {
    const k = new FakeKernel();
    k.fail('seccomp', 'EACCES');
    const [load] = seccompStages(profile, { filter: allowAll, notifies: false }, newAgent());
    expect(() => load?.run(k)).toThrow(
      'linux.seccomp: load the filter: seccomp: permission denied',
    );
  });

  it('is made known to its agent when it notifies', () => {
    const k = new FakeKernel();
    let state = '';
    k.returns('read', ({ args }) => {
      const [, memory] = args;
      if (!(memory instanceof FakeMemory)) throw new Error('no memory');
      state = k.lines.findLast((line) => line.startsWith('write('))?.slice(0) ?? '';
      return 100;
    });
    k.returns('sendmsg', 100);
    const stages = seccompStages(notifying, { filter: allowAll, notifies: true }, newAgent());
    expect(stages.map(({ lane }) => lane)).toEqual(['container', 'host']);
    const [load, agent] = stages;
    expect(agent?.needs).toContain(load?.provides?.[0]);
    for (const stage of stages) stage.run(k);
    expect(k.lines.map((line) => line.replace(/\(.*/, ''))).toEqual([
      ...['openat', 'close', 'write', 'seccomp'],
      ...['pidfd_getfd', 'socket', 'connect', 'memfd_create', 'write', 'lseek', 'read', 'close'],
      ...['sendmsg', 'close', 'close'],
    ]);
    const json = JSON.parse(JSON.parse(/"(.*)"/s.exec(state)?.[0] ?? '""'));
    expect(json).toEqual({
      ociVersion: '1.3.0',
      fds: ['seccompFd'],
      pid: 42,
      metadata: 'a "b"',
      state: {
        ociVersion: '1.3.0',
        id: 'box',
        status: 'creating',
        pid: 42,
        bundle: '/b',
        annotations: { k: 'v' },
      },
    });
    expect(k.open).toEqual([]);
  });

  it('is forgotten by the container lane once the agent has it, where it may close', () => {
    const k = new FakeKernel();
    const agent = { ...newAgent(), mayClose: true };
    const stages = seccompStages(notifying, { filter: allowAll, notifies: true }, agent);
    const [load, , forget] = stages;
    expect(forget).toMatchObject({ lane: 'container', needs: [load?.provides?.[0], agent.sent] });
    k.returns('seccomp', 12);
    load?.run(k);
    forget?.run(k);
    expect(k.lines.at(-1)).toBe('close(12)');
  });

  it('fails the start when the agent takes half of the state', () => {
    const k = new FakeKernel();
    k.returns('read', 100);
    k.returns('sendmsg', 99);
    const [, agent] = seccompStages(notifying, { filter: allowAll, notifies: true }, newAgent());
    expect(() => agent?.run(k)).toThrow('did not take the state whole');
  });
});

describe('the flags', () => {
  it.each<[string, Partial<Seccomp>, boolean, number]>([
    ['allow speculation where none are named', {}, false, 4],
    ['are none where an empty list says so', { flags: [] }, false, 0],
    ['are those that are named', { flags: ['SECCOMP_FILTER_FLAG_LOG'] }, false, 2],
    ['ask for a listener', { flags: [] }, true, 8],
    ['tell a listener from a thread', { flags: ['SECCOMP_FILTER_FLAG_TSYNC'] }, true, 1 + 8 + 16],
    [
      'have no way to wait without a listener',
      { flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] },
      false,
      0,
    ],
    ['have one with it', { flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }, true, 32 + 8],
  ])('%s', (_, change, notifies, flags) => {
    expect(filterFlags({ ...profile, ...change }, notifies)).toBe(flags);
  });
});

it('refuses a flag that is none', () => {
  const flags = ['SECCOMP_FILTER_FLAG_LOG', 'toString'] as Seccomp['flags'];
  expect(() => filterFlags({ ...profile, flags }, false)).toThrow(
    'linux.seccomp.flags[1]: toString is not known',
  );
});

describe('what cannot be loaded', () => {
  const paths = (changed: Partial<Seccomp>) =>
    checkLoading({ ...notifying, ...changed }).map(({ path }) => path);

  it('is told by its JSON path', () => {
    expect(paths({})).toEqual([]);
    expect(paths({ syscalls: [], listenerPath: '' })).toEqual([]);
    expect(paths({ listenerPath: '' })).toEqual(['linux.seccomp.listenerPath']);
    expect(paths({ listenerPath: `/${'x'.repeat(107)}` })).toEqual(['linux.seccomp.listenerPath']);
    const write: NonNullable<Seccomp['syscalls']>[number] = {
      names: ['mkdir', 'write'],
      action: 'SCMP_ACT_NOTIFY',
    };
    expect(paths({ syscalls: [write] })).toEqual(['linux.seccomp.syscalls[0]']);
  });
});

describe('a call after the load', () => {
  const arch = 'SCMP_ARCH_X86_64';
  const allows = (action: SeccompAction, name = 'close') =>
    allowsCall(
      compileFilter(
        { ...profile, syscalls: [{ names: ['close'], action }] },
        { architecture: arch },
      ),
      arch,
      name,
    );

  it.each<[SeccompAction, boolean]>([
    ['SCMP_ACT_ALLOW', true],
    ['SCMP_ACT_LOG', true],
    ['SCMP_ACT_NOTIFY', false],
    ['SCMP_ACT_ERRNO', false],
    ['SCMP_ACT_KILL_PROCESS', false],
  ])('may be made with %s: %s', (action, allowed) => {
    expect(allows(action)).toBe(allowed);
    expect(allows(action, 'capset')).toBe(true);
    expect(allows(action, 'no such call')).toBe(false);
  });
});
