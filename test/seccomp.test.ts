import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { convertDockerProfile, syscallNumber } from '@oci/seccomp';
import { describe, expect, it } from 'vitest';
import { type LooseConfig, makeRootless } from './support/bundle.ts';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { call, call32, native, Probe } from './support/probe.ts';
import { statusOf, withProcess } from './support/process.ts';

const container = useBundle();
const probe = new Probe(container);

const [EACCES, EDOM, ERANGE] = [13, 33, 34];
const killedBySigsys = 128 + 31;
const defaultCapabilities = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];

const mount = call('mount', 0, 0, 0, 0, 0);
const getpriority = call('getpriority', 0, 0);
const getppid = call('getppid');

/** Docker's default profile, for a container with these capabilities. */
function dockerDefault(capabilities: readonly string[] = defaultCapabilities): LooseConfig {
  const file = new URL('../packages/seccomp/test/data/docker-default.json', import.meta.url);
  return convertDockerProfile(readFileSync(file, 'utf8'), {
    architecture: native,
    capabilities,
    kernelRelease: release(),
  }).profile;
}

describe('Docker’s default profile', () => {
  it('confines a container', async () => {
    expect(await statusOf(container)).toMatchObject({ Seccomp: '0', Seccomp_filters: '0' });
    probe.profile(dockerDefault());
    expect(await statusOf(container)).toMatchObject({ Seccomp: '2', Seccomp_filters: '1' });
  });

  it('denies mount to a process that may, unless it was made for one', async () => {
    const capabilities = [...defaultCapabilities, 'CAP_SYS_ADMIN'];
    withProcess(container, {
      capabilities: { bounding: capabilities, permitted: capabilities, effective: capabilities },
    });
    probe.profile(dockerDefault());
    expect(await probe.results(mount)).toEqual(['EPERM']);
    probe.profile(dockerDefault(capabilities));
    expect(await probe.results(mount)).toEqual(['EFAULT']);
  });

  it('allows the personalities that it names', async () => {
    probe.profile(dockerDefault());
    const [unchanged, withoutRandomAddresses] = [0xffffffff, 0x0040000];
    expect(
      await probe.results(
        call('personality', unchanged),
        call('personality', withoutRandomAddresses),
      ),
    ).toEqual(['0', 'EPERM']);
  });
});

describe('a rule', () => {
  const rule = (action: string, more: LooseConfig = {}) =>
    probe.rules({ names: ['getpriority'], action, ...more });

  it.each(['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'])('lets its call be made with %s', async (action) => {
    rule(action);
    expect(await probe.results(getpriority)).toEqual(['20']);
  });

  it.each(['SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL_PROCESS'])(
    'ends the program with %s',
    async (action) => {
      rule(action);
      expect(await probe.outcome(getppid, getpriority, getppid)).toMatchObject({
        status: killedBySigsys,
        stdout: '0\n',
      });
    },
  );

  it.each([
    ['SCMP_ACT_KILL', 'the thread', { status: 0, stdout: 'gone\n0\n' }],
    ['SCMP_ACT_KILL_THREAD', 'the thread', { status: 0, stdout: 'gone\n0\n' }],
    ['SCMP_ACT_KILL_PROCESS', 'the process', { status: killedBySigsys, stdout: '' }],
  ])('ends with %s %s', async (action, _, ending) => {
    rule(action);
    expect(await probe.outcome(`thread:${getpriority}`, getppid)).toMatchObject(ending);
  });

  it('makes its call a signal with SCMP_ACT_TRAP', async () => {
    rule('SCMP_ACT_TRAP');
    const number = syscallNumber(native, 'getpriority');
    expect(await probe.results(getpriority, getppid)).toEqual([`SIGSYS ${number} data 0`, '0']);
  });

  it('fails its call with SCMP_ACT_ERRNO: EPERM unless another error is named', async () => {
    rule('SCMP_ACT_ERRNO');
    expect(await probe.results(getpriority)).toEqual(['EPERM']);
    rule('SCMP_ACT_ERRNO', { errnoRet: EACCES });
    expect(await probe.results(getpriority)).toEqual(['EACCES']);
  });

  it('leaves its call to a tracer with SCMP_ACT_TRACE, and fails it without one', async () => {
    rule('SCMP_ACT_TRACE', { errnoRet: 4321 });
    expect(await probe.results(getpriority, `traced:${getpriority}`, `traced:${getppid}`)).toEqual([
      'ENOSYS',
      'TRACE data 4321, then 0',
      'TRACE data 0, then 0',
    ]);
  });

  it('is skipped for a name that no call has, with a warning', async () => {
    probe.rules({ names: ['getpriority', 'no_such_call'], action: 'SCMP_ACT_ERRNO' });
    expect(await probe.outcome(getpriority)).toMatchObject({
      status: 0,
      stdout: 'EPERM\n',
      stderr: expect.stringContaining('no system call is called no_such_call'),
    });
  });
});

describe('the default action', () => {
  it('is for all calls without a rule', async () => {
    const { defaultErrnoRet: _, ...profile } = dockerDefault();
    probe.profile({ ...profile, defaultAction: 'SCMP_ACT_ERRNO' });
    expect(await probe.results(mount)).toEqual(['EPERM']);
    probe.profile({ ...profile, defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: EDOM });
    expect(await probe.results(mount)).toEqual(['EDOM']);
    probe.profile({ ...profile, defaultAction: 'SCMP_ACT_KILL_PROCESS' });
    expect((await probe.outcome(mount)).status).toBe(killedBySigsys);
  });

  it('is not for calls that are newer than those with rules: they are not there', async () => {
    const closeRange = syscallNumber(native, 'close_range') ?? 0;
    const names = dockerDefault().syscalls.flatMap((rule: LooseConfig) => rule.names);
    const older = names.filter((name: string) => (syscallNumber(native, name) ?? 0) <= closeRange);
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: older, action: 'SCMP_ACT_ALLOW' }],
    };
    const results = () => probe.results(call('fsmount', 0), call('mount_setattr', 0));
    expect(older).not.toContain('mount_setattr');
    probe.profile({ ...profile, architectures: [native] });
    expect(await results()).toEqual(['EPERM', 'ENOSYS']);
    // As with runc, that goes for architectures that are named.
    probe.profile(profile);
    expect(await results()).toEqual(['EPERM', 'EPERM']);
  });
});

describe('the arguments of a call', () => {
  const above32Bits = 2 ** 32;
  const seek = (offset: number) => call('lseek', -1, offset);
  const error = 'ERANGE';
  const other = 'EBADF';

  it.each<[string, LooseConfig, readonly number[], readonly number[]]>([
    ['SCMP_CMP_EQ', { value: above32Bits }, [above32Bits], [0, above32Bits + 1]],
    ['SCMP_CMP_NE', { value: above32Bits }, [0, above32Bits + 1], [above32Bits]],
    ['SCMP_CMP_LT', { value: above32Bits }, [0, above32Bits - 1], [above32Bits]],
    ['SCMP_CMP_LE', { value: above32Bits }, [above32Bits], [above32Bits + 1, 2 * above32Bits]],
    ['SCMP_CMP_GE', { value: above32Bits }, [above32Bits, 2 * above32Bits], [above32Bits - 1]],
    ['SCMP_CMP_GT', { value: above32Bits }, [above32Bits + 1], [above32Bits, 5]],
    [
      'SCMP_CMP_MASKED_EQ',
      { value: above32Bits + 6, valueTwo: above32Bits + 2 },
      [above32Bits + 2, above32Bits + 3],
      [2, above32Bits + 6],
    ],
  ])('are compared by %s', async (op, values, matching, others) => {
    probe.rules({
      names: ['lseek'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: ERANGE,
      args: [{ index: 1, op, ...values }],
    });
    expect(await probe.results(...matching.map(seek), ...others.map(seek))).toEqual([
      ...matching.map(() => error),
      ...others.map(() => other),
    ]);
  });

  it('all have to match, and one of several rules', async () => {
    const equal = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' });
    const rule = { names: ['lseek'], action: 'SCMP_ACT_ERRNO', errnoRet: ERANGE };
    probe.rules({ ...rule, args: [equal(1, 7), equal(2, 1)] }, { ...rule, args: [equal(1, 8)] });
    const tried = [
      [7, 1],
      [8, 5],
      [7, 0],
      [9, 1],
    ].map(([offset = 0, whence = 0]) => call('lseek', -1, offset, whence));
    expect(await probe.results(...tried)).toEqual([error, error, other, other]);
  });
});

describe.runIf(process.arch === 'x64')('architectures', () => {
  const rule = { names: ['getpriority', 'personality'], action: 'SCMP_ACT_ERRNO' };
  const filtered = (...architectures: readonly string[]) =>
    probe.profile({ defaultAction: 'SCMP_ACT_ALLOW', architectures, syscalls: [rule] });
  const x32Bit = 0x40000000;
  const getpriorityX32 = String(x32Bit + (syscallNumber('SCMP_ARCH_X86_64', 'getpriority') ?? 0));

  it('each have the rules by their own numbers', async () => {
    filtered('SCMP_ARCH_X86_64', 'SCMP_ARCH_X86');
    expect(
      await probe.results(getpriority, call32('getpriority', 0, 0), call32('getppid'), getppid),
    ).toEqual(['EPERM', 'EPERM', '0', '0']);
  });

  it('have arguments of 32 bits', async () => {
    const args = [{ index: 0, value: 0xfffffff0, op: 'SCMP_CMP_EQ' }];
    probe.profile({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
      syscalls: [{ names: ['getpgid'], action: 'SCMP_ACT_ERRNO', errnoRet: EDOM, args }],
    });
    expect(await probe.results(call32('getpgid', -16), call32('getpgid', -17))).toEqual([
      'EDOM',
      'ESRCH',
    ]);
  });

  it('that are not named are not to be used', async () => {
    filtered('SCMP_ARCH_X86_64');
    expect((await probe.outcome(call32('getppid'))).status).toBe(killedBySigsys);
    expect((await probe.outcome(getpriorityX32)).status).toBe(killedBySigsys);
  });

  it('include x32', async () => {
    filtered('SCMP_ARCH_X86_64', 'SCMP_ARCH_X32');
    expect(await probe.results(getpriorityX32, getpriority)).toEqual(['EPERM', 'EPERM']);
  });
});

describe('the flags', () => {
  it.each([
    [[], '0'],
    [['SECCOMP_FILTER_FLAG_TSYNC'], 'SECCOMP_FILTER_FLAG_TSYNC'],
    [['SECCOMP_FILTER_FLAG_LOG'], 'SECCOMP_FILTER_FLAG_LOG'],
    [['SECCOMP_FILTER_FLAG_SPEC_ALLOW'], 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'],
    // What there is to wait for is an agent's answer, and no rule asks for one.
    [['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'], '0'],
  ])('%j are what the filter is loaded with', async (flags, loaded) => {
    probe.profile({
      defaultAction: 'SCMP_ACT_ALLOW',
      flags,
      syscalls: [{ names: ['getpriority'], action: 'SCMP_ACT_ERRNO' }],
    });
    const { stdout } = await ocirun(['plan', container.bundle.path]);
    expect(stdout).toContain(`seccomp(SECCOMP_SET_MODE_FILTER, ${loaded}, {`);
    expect(await probe.results(getpriority)).toEqual(['EPERM']);
  });
});

describe('when the filter is loaded', () => {
  const denied = { names: ['capset', 'setgroups'], action: 'SCMP_ACT_ERRNO' };

  it.each([
    [true, '1'],
    [false, '0'],
  ])('what needs privileges is over, with noNewPrivileges %s', async (noNewPrivileges, shown) => {
    withProcess(container, { noNewPrivileges, user: { uid: 1000, gid: 1000 } });
    probe.rules(denied);
    expect(await statusOf(container)).toMatchObject({
      Uid: '1000 1000 1000 1000',
      NoNewPrivs: shown,
      Seccomp: '2',
      CapInh: '0000000000000000',
      CapPrm: '0000000000000000',
      CapBnd: '0000000020000420',
      CapAmb: '0000000000000000',
    });
  });

  it('a container that waits for its start has none of it either', async () => {
    withProcess(container, { noNewPrivileges: false });
    probe.rules({ names: ['getpriority'], action: 'SCMP_ACT_ERRNO' });
    probe.program(getppid);
    const id = newId();
    expect((await ocirun(['create', '-b', container.bundle.path, id])).stderr).toBe('');
    const { pid } = JSON.parse((await ocirun(['state', id])).stdout);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect((await ocirun(['delete', '-f', id])).status).toBe(0);
    expect(status).toMatch(/^CapPrm:\s0000000020000420$/m);
    expect(status).toMatch(/^Seccomp:\s2$/m);
  });

  it('root has no capability left that the filter was loaded with', async () => {
    withProcess(container, { noNewPrivileges: false });
    probe.rules(denied);
    expect(await statusOf(container)).toMatchObject({
      CapPrm: '0000000020000420',
      CapEff: '0000000020000420',
    });
  });

  const needed = ['execve', 'read', 'write'];
  /** What a C library does until its program ends. */
  const ofTheProgram = ['arch_prctl', 'brk', 'exit_group', 'mprotect', 'set_tid_address'];
  const outcomeOfRun = () => ocirun(['run', '-b', container.bundle.path, newId()]);

  it.each([
    { noNewPrivileges: true },
    { noNewPrivileges: false },
    { noNewPrivileges: false, user: { uid: 1000, gid: 1000 } },
  ])('the rest of the start needs a handful of calls with %j', async (process) => {
    withProcess(container, process);
    probe.profile({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: [...needed, ...ofTheProgram], action: 'SCMP_ACT_ALLOW' }],
    });
    expect(await outcomeOfRun()).toMatchObject({ status: 0, stderr: '' });
  });

  it.each(needed)('a start that may not %s fails, and says so', async (name) => {
    probe.rules({ names: [name], action: 'SCMP_ACT_ERRNO', errnoRet: EDOM });
    const { status, stderr } = await outcomeOfRun();
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('a start that fails under a filter', () => {
  it.each(['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_ERRNO'])(
    'says why, though it may do little more than write with %s',
    async (defaultAction) => {
      writeFileSync(join(container.bundle.rootfs, 'bin/text'), 'no program', { mode: 0o755 });
      withProcess(container, { args: ['/bin/text'] });
      const names = ['execve', 'exit_group', 'read', 'write'];
      const but = (name: string) => names.filter((other) => other !== name);
      for (const allowed of [names, but('exit_group')]) {
        probe.profile({ defaultAction, syscalls: [{ names: allowed, action: 'SCMP_ACT_ALLOW' }] });
        expect(await ocirun(['run', '-b', container.bundle.path, newId()])).toMatchObject({
          status: 1,
          stderr: 'ocirun: exec: "/bin/text": exec format error\n',
        });
      }
    },
  );
});

describe('a container with a filter', () => {
  it('is an ordinary user’s, too', async () => {
    const [uid, gid] = [65534, 65534];
    container.bundle.with((config) => makeRootless(config, uid, gid));
    const root = join(container.bundle.path, 'state');
    mkdirSync(root);
    chownSync(root, uid, gid);
    probe.rules({ names: ['getpriority'], action: 'SCMP_ACT_ERRNO' });
    for (const noNewPrivileges of [true, false]) {
      withProcess(container, { noNewPrivileges });
      probe.program(getpriority);
      const args = ['--root', root, 'run', '-b', container.bundle.path, newId()];
      expect(await ocirun(args, { uid, gid, cwd: '/' })).toMatchObject({
        status: 0,
        stdout: 'EPERM\n',
        stderr: '',
      });
    }
  });

  it('can be created, and started later', async () => {
    const id = newId();
    probe.rules({ names: ['getpriority'], action: 'SCMP_ACT_ERRNO' });
    probe.program(getpriority);
    const script = `
      ${OCIRUN} create -b ${container.bundle.path} ${id} && ${OCIRUN} start ${id} &&
      until ${OCIRUN} state ${id} | grep -q stopped; do sleep 0.05; done; ${OCIRUN} delete ${id}`;
    expect(await run('sh', ['-c', script])).toMatchObject({ stdout: 'EPERM\n', stderr: '' });
  });

  it.each<[string, LooseConfig, RegExp]>([
    ['an unknown action', { defaultAction: 'SCMP_ACT_NONE' }, /linux\.seccomp\.defaultAction: /],
    [
      'an unknown flag',
      { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_NONE'] },
      /linux\.seccomp\.flags\[0\]: /,
    ],
    [
      'a seventh argument',
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          {
            names: ['read'],
            action: 'SCMP_ACT_KILL',
            args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }],
          },
        ],
      },
      /linux\.seccomp\.syscalls\[0\]\.args\[0\]\.index: /,
    ],
  ])('is refused with %s', async (_, profile, message) => {
    probe.profile(profile);
    expect(await container.refusal()).toMatch(message);
  });
});
