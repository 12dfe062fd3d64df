import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { statusOf, withProcess } from './support/process.ts';

const container = useBundle();

/** A field of proc_pid_stat(5) of the container's first process, counted from 1. */
async function statField(number: number): Promise<string | undefined> {
  const stat = await container.prints('read -r line < /proc/1/stat; echo "$line"');
  return stat.slice(stat.lastIndexOf(')')).split(' ')[number - 2];
}

const mask = (...capabilities: number[]) =>
  capabilities
    .reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n)
    .toString(16)
    .padStart(16, '0');
const [CHOWN, FOWNER, KILL] = [0, 3, 5];

describe('process.capabilities', () => {
  const names = ['CAP_CHOWN', 'CAP_KILL'];

  it('are five sets', async () => {
    withProcess(container, {
      user: { uid: 1000, gid: 1000 },
      capabilities: {
        bounding: [...names, 'CAP_FOWNER'],
        permitted: names,
        effective: ['CAP_KILL'],
        inheritable: names,
        ambient: ['CAP_KILL'],
      },
    });
    expect(await statusOf(container)).toMatchObject({
      CapBnd: mask(CHOWN, FOWNER, KILL),
      CapInh: mask(CHOWN, KILL),
      CapAmb: mask(KILL),
      // Of a user other than root, execve leaves the ambient ones.
      CapPrm: mask(KILL),
      CapEff: mask(KILL),
    });
  });

  it('of root are bounded by the bounding set', async () => {
    const capabilities = { bounding: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'] };
    withProcess(container, { capabilities, noNewPrivileges: false });
    expect(await statusOf(container)).toMatchObject({
      CapBnd: mask(CHOWN),
      CapPrm: mask(CHOWN),
      CapEff: mask(CHOWN),
      CapInh: mask(),
      CapAmb: mask(),
    });
  });

  it('are none where there is no such section', async () => {
    container.bundle.with(({ process }) => delete process.capabilities);
    expect(await statusOf(container)).toMatchObject({
      CapBnd: mask(),
      CapPrm: mask(),
      CapEff: mask(),
    });
  });

  it('that cannot be granted are warned of, and the rest is granted', async () => {
    const capabilities = { bounding: names, permitted: names, ambient: names, inheritable: [] };
    withProcess(container, { capabilities, args: ['cat', '/proc/self/status'] });
    const outcome = await ocirun(['run', '-b', container.bundle.path, newId()]);
    expect(outcome.stderr).toMatch(
      /warning: process\.capabilities\.ambient: CAP_CHOWN, CAP_KILL cannot be granted/,
    );
    expect(outcome.stdout).toMatch(new RegExp(`CapPrm:\\s*${mask(CHOWN, KILL)}`));
    expect(outcome.stdout).toMatch(new RegExp(`CapAmb:\\s*${mask()}`));
  });
});

describe('process.noNewPrivileges', () => {
  it.each([
    [true, '1'],
    [false, '0'],
    [undefined, '0'],
  ])('%s', async (noNewPrivileges, shown) => {
    withProcess(container, { noNewPrivileges });
    expect((await statusOf(container)).NoNewPrivs).toBe(shown);
  });
});

describe('process.rlimits', () => {
  it('are the limits inside, each of them', async () => {
    const rlimits = [
      { type: 'RLIMIT_CORE', soft: 0, hard: 4096 },
      { type: 'RLIMIT_CPU', soft: 100, hard: 200 },
      { type: 'RLIMIT_FSIZE', soft: 8192, hard: 16384 },
      { type: 'RLIMIT_NPROC', soft: 500, hard: 501 },
      { type: 'RLIMIT_STACK', soft: 8388608, hard: '18446744073709551615' },
      { type: 'RLIMIT_MSGQUEUE', soft: 0, hard: 1 },
    ];
    const text = JSON.stringify({
      ...container.bundle.config,
      process: { ...container.bundle.config.process, rlimits, args: ['cat', '/proc/self/limits'] },
    }).replace(/"(\d{20})"/, '$1');
    container.bundle.write(text);
    const { stdout, stderr } = await ocirun(['run', '-b', container.bundle.path, newId()]);
    expect(stderr).toBe('');
    for (const [name, soft, hard] of [
      ['core file size', '0', '4096'],
      ['cpu time', '100', '200'],
      ['file size', '8192', '16384'],
      ['processes', '500', '501'],
      ['stack size', '8388608', 'unlimited'],
      ['msgqueue size', '0', '1'],
    ])
      expect(stdout).toMatch(new RegExp(`Max ${name}\\s+${soft}\\s+${hard}\\s`));
  });
});

describe('process.oomScoreAdj', () => {
  it('is set where it is given', async () => {
    withProcess(container, { oomScoreAdj: 321 });
    expect(await container.prints('cat /proc/self/oom_score_adj')).toBe('321');
  });

  it('is not changed where it is not', async () => {
    container.bundle.script('cat /proc/self/oom_score_adj');
    const command = `echo 123 > /proc/self/oom_score_adj; exec ${OCIRUN} run -b ${container.bundle.path} ${newId()}`;
    expect((await run('sh', ['-c', command])).stdout).toBe('123\n');
  });
});

describe('process.scheduler', () => {
  it.each([
    ['SCHED_OTHER', -5, '0'],
    ['SCHED_BATCH', 7, '3'],
    ['SCHED_IDLE', 0, '5'],
  ])('%s with nice %s', async (policy, nice, number) => {
    withProcess(container, { scheduler: { policy, nice } });
    expect(await statField(41)).toBe(number);
    expect(await statField(19)).toBe(String(nice));
  });

  it('SCHED_FIFO with a priority, and a flag: children are ordinary', async () => {
    const flags = ['SCHED_FLAG_RESET_ON_FORK'];
    withProcess(container, { scheduler: { policy: 'SCHED_FIFO', priority: 3, flags } });
    // A cgroup of version 1 has no time for such processes unless it is given some.
    if (existsSync('/sys/fs/cgroup/cpu/cpu.rt_runtime_us'))
      container.bundle.with(({ linux }) => {
        linux.resources = { cpu: { realtimeRuntime: 1000, realtimePeriod: 1_000_000 } };
      });
    const seen = await container.prints(
      'read -r own < /proc/1/stat; echo $own; cat /proc/self/stat; echo',
    );
    const fields = seen.split('\n').map((line) => line.split(') ')[1]?.split(' '));
    // rt_priority and policy, the 40th and 41st.
    expect(fields.slice(0, 2).map((each) => each?.slice(37, 39))).toEqual([
      ['3', '1'],
      ['0', '0'],
    ]);
  });

  it('that the kernel refuses is named', async () => {
    const scheduler = { policy: 'SCHED_ISO' };
    withProcess(container, { scheduler });
    expect(await container.refusal()).toMatch(
      /process\.scheduler: set to SCHED_ISO: sched_setattr: invalid argument$/,
    );
  });
});

describe('process.ioPriority', () => {
  it.each([
    ['IOPRIO_CLASS_IDLE', 0, 'idle'],
    ['IOPRIO_CLASS_BE', 6, 'best-effort: prio 6'],
    ['IOPRIO_CLASS_RT', 2, 'realtime: prio 2'],
  ])('%s %i, for all of the container’s processes', async (name, priority, shown) => {
    withProcess(container, { ioPriority: { class: name, priority } });
    expect(await container.prints('busybox ionice -p 1; busybox ionice')).toBe(
      `${shown}\n${shown}`,
    );
  });
});

describe('linux.personality', () => {
  it('LINUX32 is a machine of 32 bits', async () => {
    container.bundle.with(({ linux }) => {
      linux.personality = { domain: 'LINUX32' };
    });
    expect(await container.prints('cat /proc/self/personality')).toBe('00000008');
  });

  it('LINUX is what there is without', async () => {
    container.bundle.with(({ linux }) => {
      linux.personality = { domain: 'LINUX' };
    });
    expect(await container.prints('cat /proc/self/personality')).toBe('00000000');
  });
});

describe('linux.memoryPolicy', () => {
  it.each([
    [{ mode: 'MPOL_BIND', nodes: '0' }, 'bind:0'],
    [
      { mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
      'interleave=static:0',
    ],
    [{ mode: 'MPOL_PREFERRED', nodes: '0' }, 'prefer:0'],
    [{ mode: 'MPOL_LOCAL' }, 'local'],
    [{ mode: 'MPOL_DEFAULT' }, 'default'],
  ])('%j', async (memoryPolicy, shown) => {
    container.bundle.with(({ linux }) => {
      linux.memoryPolicy = memoryPolicy;
    });
    const policies = await container.prints('busybox cut -d " " -f 2 /proc/1/numa_maps');
    expect(new Set(policies.split('\n'))).toEqual(new Set([shown]));
  });
});

describe('the session keyring', () => {
  /** Whether a container sees the keyring that would be its own. */
  async function hasOwn(...flags: string[]): Promise<boolean> {
    container.bundle.with(({ linux }) => {
      linux.maskedPaths = [];
    });
    const id = newId();
    container.bundle.script('cat /proc/keys');
    const { stdout } = await ocirun(['run', ...flags, '-b', container.bundle.path, id]);
    expect(stdout).toMatch(/^[0-9a-f]+ .* keyring /m);
    return stdout.includes(` _ses.${id}: `);
  }

  it('is the container’s own', async () => {
    expect(await hasOwn()).toBe(true);
  });

  it('is the caller’s with --no-new-keyring', async () => {
    expect(await hasOwn('--no-new-keyring')).toBe(false);
  });
});
