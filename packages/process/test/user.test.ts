import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { Process } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { filterCapabilityStages, stdioStages, userStages } from '../src/index.ts';
import { bare, configWith, contextWith } from './config.ts';

/** Without the many drops. */
function lines(process: Partial<Process>, context = contextWith()): string[] {
  const kernel = new FakeKernel();
  for (const stage of userStages(configWith({ ...bare, ...process }), context)) stage.run(kernel);
  return kernel.lines.filter((line) => !line.includes('PR_CAPBSET_DROP'));
}

const header = '{version=LINUX_CAPABILITY_VERSION_3}';
const kill = ['CAP_KILL'];

describe('userStages', () => {
  it('keeps capabilities across the change of user, and raises ambient ones last', () => {
    const capabilities = {
      bounding: kill,
      permitted: kill,
      effective: kill,
      inheritable: kill,
      ambient: kill,
    };
    expect(lines({ user: { uid: 5, gid: 6, additionalGids: [7, 8] }, capabilities })).toEqual([
      'prctl(PR_SET_KEEPCAPS, 1)',
      'setgroups(2, [7, 8])',
      'setresgid(6, 6, 6)',
      'setresuid(5, 5, 5)',
      `capset(${header}, {effective=0x20, permitted=0x20, inheritable=0x20})`,
      'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL)',
    ]);
  });

  it('drops the bounding set first', () => {
    const kernel = new FakeKernel();
    const [stage] = userStages(configWith({ ...bare, user: { uid: 5 } }), contextWith());
    stage?.run(kernel);
    const drops = kernel.lines.map((line) => line.includes('PR_CAPBSET_DROP'));
    expect(drops.lastIndexOf(true)).toBe(40);
    expect(kernel.lines[41]).toBe('setgroups(0, NULL)');
  });

  it('lets the change of user take capabilities away where none are kept', () => {
    expect(lines({ user: { uid: 5, gid: 5 } })).toEqual([
      'setgroups(0, NULL)',
      'setresgid(5, 5, 5)',
      'setresuid(5, 5, 5)',
      `capset(${header}, {})`,
    ]);
  });

  it('keeps none for root, who loses none', () => {
    expect(lines({ user: { uid: 0 }, capabilities: { permitted: kill } })).not.toContain(
      'prctl(PR_SET_KEEPCAPS, 1)',
    );
  });

  it('clears ambient capabilities of the caller that capset would leave', () => {
    const capabilities = { bounding: kill, permitted: kill, inheritable: kill };
    expect(lines({ capabilities }).at(-1)).toContain('PR_CAP_AMBIENT_CLEAR_ALL');
  });

  it('leaves groups alone where setgroups is denied', () => {
    expect(lines({}, contextWith({ setgroups: false }))[0]).toBe('setresgid(0, 0, 0)');
  });

  it('has no groups to leave in a user namespace that it joins and whose maker denies them', () => {
    const linux = { namespaces: [{ type: 'user' as const, path: '/proc/77/ns/user' }] };
    const kernel = new FakeKernel();
    kernel.fail('setgroups', 'EPERM');
    userStages(configWith(bare, linux), contextWith())[0]?.run(kernel);
    expect(kernel.lines).toContain('setresuid(0, 0, 0)');
    const user = { uid: 0, gid: 0, additionalGids: [5] };
    const [asking] = userStages(configWith({ ...bare, user }, linux), contextWith());
    expect(() => asking?.run(kernel)).toThrow(
      'process.user: become 0:0: setgroups: operation not permitted',
    );
    const [own] = userStages(configWith(bare, { namespaces: [{ type: 'user' }] }), contextWith());
    expect(() => own?.run(kernel)).toThrow('setgroups: operation not permitted');
  });

  it('counts on all capabilities in a new user namespace', () => {
    const kernel = new FakeKernel();
    const config = configWith(
      { ...bare, capabilities: { permitted: kill } },
      { namespaces: [{ type: 'user' }] },
    );
    userStages(config, contextWith({ permitted: 0n }))[0]?.run(kernel);
    expect(kernel.lines.at(-1)).toBe(`capset(${header}, {permitted=0x20})`);
  });

  it.each([
    [false, '{effective=0x200020, permitted=0x200020}'],
    [true, '{effective=0x20, permitted=0x20}'],
  ])('keeps what a filter is loaded with, unless no_new_privs is %s', (noNewPrivileges, sets) => {
    const kernel = new FakeKernel();
    const config = configWith(
      { ...bare, capabilities: { permitted: kill, effective: kill }, noNewPrivileges },
      { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } },
    );
    userStages(config, contextWith())[0]?.run(kernel);
    expect(kernel.lines.at(-1)).toBe(`capset(${header}, ${sets})`);
  });

  it('keeps nothing for a filter that it could not load anyway', () => {
    const kernel = new FakeKernel();
    const config = configWith(bare, { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } });
    const context = contextWith({ permitted: 0n });
    userStages(config, context)[0]?.run(kernel);
    expect(kernel.lines.at(-1)).toBe(`capset(${header}, {})`);
    expect(filterCapabilityStages(config, context)).toEqual([]);
  });

  it('gives up what a filter was loaded with', () => {
    const kernel = new FakeKernel();
    const config = configWith(
      { ...bare, capabilities: { permitted: kill } },
      { seccomp: { defaultAction: 'SCMP_ACT_ALLOW' } },
    );
    for (const stage of filterCapabilityStages(config, contextWith())) stage.run(kernel);
    expect(kernel.lines).toEqual([`capset(${header}, {permitted=0x20})`]);
  });

  it('keeps capabilities for inheritable ones alone', () => {
    const user = { uid: 5, gid: 6 };
    const capabilities = { bounding: kill, inheritable: kill };
    expect(lines({ user, capabilities })).toContain('prctl(PR_SET_KEEPCAPS, 1)');
  });

  it('says who it could not become', () => {
    const kernel = new FakeKernel();
    kernel.fail('setresuid', 'EINVAL');
    const [stage] = userStages(configWith({ ...bare, user: { uid: 5, gid: 6 } }), contextWith());
    expect(() => stage?.run(kernel)).toThrow(
      'process.user: become 5:6: setresuid: invalid argument',
    );
  });
});

describe('stdioStages', () => {
  function owned(stat: (fd: number) => { uid: number; major?: number; minor?: number }): string[] {
    const kernel = new FakeKernel();
    kernel.returns('statx', ({ args }) => {
      const memory = args[4];
      const { uid, major = 0, minor = 0 } = stat(Number(args[0]));
      if (!(memory instanceof FakeMemory)) return -22;
      memory.store(20, 4, uid);
      memory.store(128, 4, major);
      memory.store(132, 4, minor);
      return 0;
    });
    kernel.fail('statx', 'EBADF', { when: /^statx\(2/ });
    for (const stage of stdioStages(configWith({ ...bare, user: { uid: 5 } }))) stage.run(kernel);
    return kernel.lines.filter((line) => line.startsWith('fchownat'));
  }

  it('changes the owner of what is another’s, except /dev/null', () => {
    expect(owned((fd) => (fd === 0 ? { uid: 0, major: 1, minor: 3 } : { uid: 0 }))).toEqual([
      'fchownat(1, "", 5, -1, AT_EMPTY_PATH)',
    ]);
    expect(owned((fd) => (fd === 0 ? { uid: 0, major: 1, minor: 5 } : { uid: 5 }))).toEqual([
      'fchownat(0, "", 5, -1, AT_EMPTY_PATH)',
    ]);
  });

  it('is nothing for root', () => {
    expect(stdioStages(configWith(bare))).toEqual([]);
  });
});
