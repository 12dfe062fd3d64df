import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { syscallNumber } from '@oci/seccomp';
import { ContainerProcessState, ociVersion } from '@oci/spec';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Agent } from './support/agent.ts';
import type { LooseConfig } from './support/bundle.ts';
import { useBundle } from './support/container.ts';
import { newId, OCIRUN, ocirun, run } from './support/ocirun.ts';
import { call, native, Probe } from './support/probe.ts';
import { withProcess } from './support/process.ts';
import { Programs } from './support/programs.ts';

const container = useBundle();
const probe = new Probe(container);
const programs = Programs.use('agent');

const [EXDEV, exdev] = [18, 'EXDEV'];
const getpriority = call('getpriority', 0, 0);
const noted = `call ${syscallNumber(native, 'getpriority')}`;

let socket: string;
let agent: Agent | undefined;

beforeEach(() => {
  socket = join(container.bundle.path, 'agent.sock');
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
});

/** Sets a profile whose agent is asked about these calls. */
function withNotifying(names: readonly string[], more: LooseConfig = {}): void {
  probe.profile({
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath: socket,
    syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
    ...more,
  });
}

async function agentThat(...answer: readonly string[]): Promise<Agent> {
  agent = await Agent.listening(programs.path('agent'), socket, ...answer);
  return agent;
}

async function stateSentTo(agent: Agent): Promise<ContainerProcessState> {
  return ContainerProcessState.parse(JSON.parse(await agent.line()));
}

describe('an agent', () => {
  it.each([
    ['continue', '20'],
    ['value=7', '7'],
    [`errno=${EXDEV}`, exdev],
  ])('answers %s', async (answer, result) => {
    withNotifying(['getpriority']);
    const agent = await agentThat(answer);
    expect(await probe.results(getpriority, call('getppid'))).toEqual([result, '0']);
    await stateSentTo(agent);
    expect(await agent.rest()).toEqual([noted]);
  });

  it('is told of the container, and given one descriptor', async () => {
    withNotifying(['getpriority'], { listenerMetadata: 'some "metadata"' });
    container.bundle.with((config) => {
      config.annotations = { 'org.example.key': 'a "value"' };
    });
    const agent = await agentThat('continue');
    probe.program(getpriority);
    const id = newId();
    expect((await ocirun(['create', '-b', container.bundle.path, id])).stderr).toBe('');
    const { pid } = JSON.parse((await ocirun(['state', id])).stdout);
    expect(await stateSentTo(agent)).toEqual({
      ociVersion,
      fds: ['seccompFd'],
      pid,
      metadata: 'some "metadata"',
      state: {
        ociVersion,
        id,
        status: 'creating',
        pid,
        bundle: container.bundle.path,
        annotations: { 'org.example.key': 'a "value"' },
      },
    });
    expect((await ocirun(['start', id])).stderr).toBe('');
    expect(await agent.rest()).toEqual([noted]);
    expect((await ocirun(['delete', '-f', id])).status).toBe(0);
  });

  it('is told nothing of metadata and annotations that are not there', async () => {
    withNotifying(['getpriority']);
    const agent = await agentThat('continue');
    await probe.results(getpriority);
    const sent = await stateSentTo(agent);
    expect(Object.keys(sent)).toEqual(['ociVersion', 'fds', 'pid', 'state']);
    expect(sent.state).not.toHaveProperty('annotations');
  });

  it('is waited for before the program runs, however long the runtime takes to tell it', async () => {
    withNotifying(['getpriority']);
    const agent = await agentThat('continue');
    probe.program(getpriority);
    const slowly = ['-f', '-o', '/dev/null', '-e', 'inject=pidfd_getfd:delay_enter=300000'];
    const command = [OCIRUN, 'run', '-b', container.bundle.path, newId()];
    expect(await run('strace', [...slowly, ...command])).toMatchObject({
      status: 0,
      stdout: '20\n',
      stderr: '',
    });
    await stateSentTo(agent);
    expect(await agent.rest()).toEqual([noted]);
  });

  it('is asked about the last calls of the start, too', async () => {
    const last = ['read', 'execve'];
    withNotifying(last);
    const agent = await agentThat('continue');
    expect(await probe.results(call('getppid'))).toEqual(['0']);
    await stateSentTo(agent);
    const calls = new Set(await agent.rest());
    expect(calls).toEqual(new Set(last.map((name) => `call ${syscallNumber(native, name)}`)));
  });

  it('is not asked about what comes before, without noNewPrivileges either', async () => {
    withProcess(container, { noNewPrivileges: false });
    withNotifying(['capset', 'getpriority']);
    const agent = await agentThat('continue');
    expect(await probe.results(getpriority)).toEqual(['20']);
    await stateSentTo(agent);
    expect(await agent.rest()).toEqual([noted]);
  });

  it('can refuse the start', async () => {
    withNotifying(['execve']);
    await agentThat(`errno=${EXDEV}`);
    expect(await container.refusal()).toMatch(/exec: "\/bin\/true": .*cross-device link$/);
  });

  it('that leaves takes the calls with it', async () => {
    withNotifying(['getpriority']);
    await agentThat('leave');
    expect(await probe.results(getpriority)).toEqual(['ENOSYS']);
  });

  it('that leaves before the program is executed takes the start with it', async () => {
    withNotifying(['execve']);
    await agentThat('leave');
    expect(await container.refusal()).toMatch(/exec: "\/bin\/true": .*function not implemented$/);
  });

  it('that takes too long is given up with the start, when a signal ends that', async () => {
    withNotifying(['execve']);
    const aMinute = '60000';
    await agentThat('continue', aMinute);
    const id = newId();
    const command = ['1', OCIRUN, 'run', '-b', container.bundle.path, id];
    const { stderr } = await run('timeout', command);
    expect(stderr).toMatch(/interrupted by a signal\n$/);
    expect((await ocirun(['state', id])).stderr).toContain('does not exist');
  });

  it.each([
    [[], 'EINTR'],
    [['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'], exdev],
    [['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'SECCOMP_FILTER_FLAG_TSYNC'], exdev],
  ])('that takes its time is waited for with the flags %j: %s', async (flags, result) => {
    withNotifying(['getpriority'], { flags });
    const milliseconds = '900';
    await agentThat(`errno=${EXDEV}`, milliseconds);
    expect(await probe.results(`alarm:${getpriority}`)).toEqual([result]);
  });
});

describe('without an agent', () => {
  it('no container is made, and nothing is left', async () => {
    withNotifying(['getpriority']);
    expect(await container.refusal()).toBe(
      `ocirun: linux.seccomp: fetch the listener: send it to ${socket}: connect: no such file or directory`,
    );
    const id = newId();
    expect((await ocirun(['create', '-b', container.bundle.path, id])).status).toBe(1);
    expect((await ocirun(['state', id])).stderr).toContain('does not exist');
    expect(existsSync(socket)).toBe(false);
  });

  it('nothing is asked where the profile has no rule for one', async () => {
    withNotifying([], { syscalls: [{ names: ['getpriority'], action: 'SCMP_ACT_ERRNO' }] });
    expect(await probe.results(getpriority)).toEqual(['EPERM']);
  });

  it.each<[string, LooseConfig, RegExp]>([
    ['no listenerPath', { listenerPath: undefined }, /linux\.seccomp\.listenerPath: /],
    [
      'a path that no socket can have',
      { listenerPath: `/${'x'.repeat(200)}` },
      /linux\.seccomp\.listenerPath: /,
    ],
    [
      'a rule for write, by which the start goes on',
      { syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }] },
      /linux\.seccomp\.syscalls\[0\]: .*write/,
    ],
    [
      'the default action',
      { defaultAction: 'SCMP_ACT_NOTIFY', syscalls: [] },
      /linux\.seccomp\.defaultAction: /,
    ],
  ])('%s is refused', async (_, change, message) => {
    withNotifying(['getpriority'], change);
    expect(await container.refusal()).toMatch(message);
  });
});
