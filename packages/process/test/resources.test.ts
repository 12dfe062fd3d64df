import { type Stage, TMPFS_MAGIC } from '@oci/kernel';
import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import {
  ioPriorityStages,
  keyringStages,
  memoryPolicyStages,
  noNewPrivilegesStages,
  oomScoreStages,
  personalityStages,
  rlimitStages,
  schedulerStages,
  umaskStages,
} from '../src/index.ts';
import { bare, configWith, contextWith, filesystem } from './config.ts';

function lines(stages: readonly Stage[], kernel = new FakeKernel()): readonly string[] {
  for (const stage of stages) stage.run(kernel);
  return kernel.lines;
}

const { containerPid } = contextWith();

describe('rlimitStages', () => {
  const rlimits = [
    { type: 'RLIMIT_CORE', soft: 0, hard: 2n ** 64n - 1n },
    { type: 'RLIMIT_NOFILE', soft: 5, hard: 6 },
  ];

  it('sets the process’s own limits', () => {
    expect(lines(rlimitStages(configWith({ ...bare, rlimits }), containerPid))).toEqual([
      'prlimit64(0, RLIMIT_CORE, {rlim_max=0xffffffffffffffff}, NULL)',
      'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=5, rlim_max=6}, NULL)',
    ]);
  });

  it('sets them from outside of a new user namespace, whose root may not raise them', () => {
    const config = configWith({ ...bare, rlimits }, { namespaces: [{ type: 'user' }] });
    const stages = rlimitStages(config, containerPid);
    expect(stages).toMatchObject([{ lane: 'host', needs: [containerPid] }]);
    expect(lines(stages)[1]).toBe('prlimit64(77, RLIMIT_NOFILE, {rlim_cur=5, rlim_max=6}, NULL)');
  });

  it('says which limit cannot be set', () => {
    const kernel = new FakeKernel();
    kernel.fail('prlimit64', 'EPERM', { when: /NOFILE/ });
    const stages = rlimitStages(configWith({ ...bare, rlimits }), containerPid);
    expect(() => lines(stages, kernel)).toThrow(
      'process.rlimits[1]: set RLIMIT_NOFILE to 5, at most 6: prlimit64: operation not permitted',
    );
  });
});

describe('oomScoreStages', () => {
  const stages = oomScoreStages(configWith({ ...bare, oomScoreAdj: -500 }), containerPid);

  it('writes from the host lane', () => {
    const kernel = new FakeKernel();
    filesystem(kernel);
    expect(stages).toMatchObject([{ lane: 'host', needs: [containerPid] }]);
    expect(lines(stages, kernel)).toEqual([
      'openat2(AT_FDCWD, "/proc/77", {flags=O_DIRECTORY|O_PATH|O_CLOEXEC, resolve=RESOLVE_NO_SYMLINKS}, 24)',
      'fstatfs(3, statfs)',
      'openat2(3, "oom_score_adj", {flags=O_WRONLY|O_CLOEXEC, resolve=RESOLVE_NO_XDEV|RESOLVE_NO_MAGICLINKS|RESOLVE_BENEATH}, 24)',
      'write(4, "-500", 4)',
      'close(4)',
      'close(3)',
    ]);
  });

  it('writes to nothing but procfs', () => {
    const kernel = new FakeKernel();
    filesystem(kernel, TMPFS_MAGIC);
    expect(() => lines(stages, kernel)).toThrow('process.oomScoreAdj: set to -500: /proc is not');
    expect(kernel.lines).toHaveLength(2);
  });

  it('sets zero, which is a value too', () => {
    expect(oomScoreStages(configWith({ ...bare, oomScoreAdj: 0 }), containerPid)).toHaveLength(1);
  });
});

describe('keyringStages', () => {
  const context = { newKeyring: true, containerId: 'c1' };

  it('makes the keyring searchable for who joins the container', () => {
    const kernel = new FakeKernel();
    kernel.returns('keyctl', 1234, { when: /_ses/ });
    expect(lines(keyringStages(configWith(bare), context), kernel)).toEqual([
      'keyctl(1, "_ses.c1")',
      `keyctl(5, 1234, ${0x3f1b0000})`,
    ]);
    const mapped = keyringStages(configWith(bare, { namespaces: [{ type: 'user' }] }), context);
    expect(lines(mapped)[1]).toBe(`keyctl(5, 0, ${0x3f130008})`);
  });

  it.each(['ENOSYS', 'EPERM', 'EDQUOT'] as const)('goes on without one after %s', (errno) => {
    const kernel = new FakeKernel();
    kernel.fail('keyctl', errno);
    expect(lines(keyringStages(configWith(bare), context), kernel)).toHaveLength(1);
  });

  it('does not go on with one that has the wrong permissions, nor after other errors', () => {
    const kernel = new FakeKernel();
    kernel.fail('keyctl', 'EACCES', { when: /keyctl\(5/ });
    expect(() => lines(keyringStages(configWith(bare), context), kernel)).toThrow('keyctl');
    const other = new FakeKernel();
    other.fail('keyctl', 'ENOMEM');
    expect(() => lines(keyringStages(configWith(bare), context), other)).toThrow('keyctl');
  });

  it('is nothing where the caller’s is kept', () => {
    expect(keyringStages(configWith(bare), { ...context, newKeyring: false })).toEqual([]);
  });
});

describe('scheduling', () => {
  it('sets the scheduler', () => {
    const scheduler = {
      policy: 'SCHED_DEADLINE' as const,
      flags: ['SCHED_FLAG_RESET_ON_FORK' as const, 'SCHED_FLAG_DL_OVERRUN' as const],
      nice: -5,
      runtime: 1024,
      deadline: 2048,
      period: 4096n,
    };
    expect(lines(schedulerStages(configWith({ ...bare, scheduler })))).toEqual([
      'sched_setattr(0, {size=56, sched_policy=6, sched_flags=5, sched_nice=-5, sched_runtime=1024, sched_deadline=2048, sched_period=4096}, 0)',
    ]);
  });

  it('sets the I/O priority of the process, not of the caller’s group', () => {
    const ioPriority = { class: 'IOPRIO_CLASS_IDLE' as const, priority: 4 };
    expect(lines(ioPriorityStages(configWith({ ...bare, ioPriority })))).toEqual([
      'ioprio_set(1, 0, 0x6004)',
    ]);
  });

  it('sets the personality', () => {
    const personality = { domain: 'LINUX32' as const };
    expect(lines(personalityStages(configWith(bare, { personality })))).toEqual([
      'personality(0x8)',
    ]);
  });

  it('sets the memory policy', () => {
    const kernel = new FakeKernel();
    const memoryPolicy = {
      mode: 'MPOL_INTERLEAVE' as const,
      nodes: '0-2,9,64',
      flags: ['MPOL_F_STATIC_NODES' as const],
    };
    lines(memoryPolicyStages(configWith(bare, { memoryPolicy })), kernel);
    const [call] = kernel.calls;
    const mask = new Uint8Array(16);
    mask.set([0b111, 0b10]);
    mask[8] = 1;
    expect(call?.args).toEqual([0x8003, mask, 129]);
    const none = memoryPolicyStages(configWith(bare, { memoryPolicy: { mode: 'MPOL_DEFAULT' } }));
    const plain = new FakeKernel();
    lines(none, plain);
    expect(plain.calls[0]?.args).toEqual([0, null, 0]);
  });
});

describe('small ones', () => {
  it('sets no_new_privs where it is true', () => {
    const of = (noNewPrivileges: boolean) =>
      lines(noNewPrivilegesStages(configWith({ ...bare, noNewPrivileges })));
    expect(of(true)).toEqual(['prctl(PR_SET_NO_NEW_PRIVS, 1)']);
    expect(of(false)).toEqual([]);
  });

  it('sets the umask where it is given, zero too', () => {
    expect(lines(umaskStages(configWith({ ...bare, user: { umask: 0 } })))).toEqual(['umask(0)']);
    expect(umaskStages(configWith({ ...bare, user: {} }))).toEqual([]);
  });

  it('costs nothing where nothing is named', () => {
    const config = configWith(bare);
    const stages = [
      ...schedulerStages(config),
      ...ioPriorityStages(config),
      ...personalityStages(config),
      ...memoryPolicyStages(config),
      ...rlimitStages(config, containerPid),
      ...oomScoreStages(config, containerPid),
      ...noNewPrivilegesStages(config),
      ...umaskStages(config),
    ];
    expect(stages).toEqual([]);
  });
});
