import {
  AT_REMOVEDIR,
  type Fd,
  type Kernel,
  type Pid,
  Provision,
  SIGCHLD,
  SIGTERM,
} from '@oci/kernel';
import { type FakeCall, type FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { Channel } from '@oci/sync';
import { describe, expect, it, vi } from 'vitest';
import type { Ending } from '../../src/stages/ending.ts';
import { type FinishContext, finishStages } from '../../src/stages/finish.ts';
import { stateDirectory } from '../../src/stages/state-directory.ts';
import { filledLines, parameters, startedKernel } from './support.ts';

const CONTAINER = 50;
const PIDFD = 9;
const STATUS = 7;
const STX_NLINK = 16;

interface Options {
  /** How many links the state directory has when the container has ended. */
  readonly links?: number;
  readonly cgroups?: FinishContext['cgroups'];
  readonly keep?: boolean;
  /** Prepares what the calls find. */
  readonly script?: (k: FakeKernel) => void;
}

/** Runs the last stages of a start whose container exits with 7. */
function finish(
  ending: Ending,
  { keep = false, links = 2, cgroups = { remove: () => 0 }, script }: Options = {},
) {
  const k = startedKernel();
  const channel = new Channel();
  channel.open(k);
  const state = stateDirectory(parameters.root, parameters.id);
  state.stage.run(k);
  const container = new Provision<Pid>('container process');
  container.provide(CONTAINER);
  const pidfd = new Provision<Fd>('container pidfd');
  pidfd.provide(PIDFD);
  const ready = new Provision('container ready');

  // Nothing is pending when the start looks; the container ends when it waits.
  k.returns('rt_sigtimedwait', SIGCHLD);
  k.fail('rt_sigtimedwait', 'EAGAIN', { times: 1 });
  k.returns(
    'wait4',
    ({ args }: FakeCall) => {
      if (args[1] instanceof FakeMemory) args[1].store(0, 4, STATUS << 8);
      return CONTAINER;
    },
    { times: 1 },
  );
  k.returns('statx', ({ args }: FakeCall) => {
    const [, , , , statx] = args;
    if (statx instanceof FakeMemory) statx.store(STX_NLINK, 4, links);
    return 0;
  });
  script?.(k);
  const rdt = { stages: [], remove: () => {} };
  const stages = finishStages({
    ending,
    keep,
    channel,
    state,
    cgroups,
    rdt,
    container,
    pidfd,
    ready,
  });
  const made = filledLines(k).length;
  const run = () => {
    for (const stage of stages) stage.run(k);
    return filledLines(k).slice(made);
  };
  return { run, stages, ready, k };
}

const names = (lines: readonly string[]) => lines.map((line) => line.replace(/\(.*/, ''));

describe('a create', () => {
  it('ends when the container may be started, and leaves all as it is', () => {
    const { run, stages, ready } = finish('create');
    expect(stages.map(({ name, needs }) => [name, needs])).toEqual([['created', [ready]]]);
    expect(names(run())).toEqual(['rt_sigtimedwait']);
  });
});

describe('a detached run', () => {
  it('ends when the container has made its exec', () => {
    const { run, stages, ready } = finish('detach');
    expect(stages.map(({ name, needs }) => [name, needs])).toEqual([['started', [ready]]]);
    expect(names(run())).toEqual(['read', 'rt_sigtimedwait']);
  });
});

describe('a run', () => {
  it('stays until the container ends, removes its state and exits as it did', () => {
    const lines = finish('run').run();
    expect(names(lines)).toEqual([
      'read',
      'rt_sigtimedwait',
      'flock',
      'rt_sigtimedwait',
      'wait4',
      'wait4',
      'flock',
      'statx',
      'unlinkat',
      'unlinkat',
      'exit_group',
    ]);
    expect(lines.slice(-3)).toEqual([
      'unlinkat(5, "state.json", 0)',
      'unlinkat(AT_FDCWD, "/run/ocirun/c1", AT_REMOVEDIR)',
      `exit_group(${STATUS})`,
    ]);
  });

  it('lets other commands have the lock while it stays', () => {
    const lines = finish('run').run();
    const locks = lines.filter((line) => line.startsWith('flock'));
    // The directory was opened behind the two ends of the channel.
    expect(locks).toEqual(['flock(5, LOCK_UN)', 'flock(5, LOCK_EX)']);
    const [release = ''] = locks;
    expect(lines.indexOf(release)).toBeLessThan(lines.findIndex((line) => /^wait4/.test(line)));
  });

  it('leaves alone what has its name when it was deleted meanwhile', () => {
    const remove = vi.fn(() => 0);
    const lines = finish('run', { links: 0, cgroups: { path: '/box', remove } }).run();
    expect(names(lines)).not.toContain('unlinkat');
    // A recorded program lays the removal out, and does not come to it.
    expect(remove).not.toHaveBeenCalled();
    expect(lines.at(-1)).toBe(`exit_group(${STATUS})`);
  });

  it('keeps the state where that is asked for', () => {
    const lines = finish('run', { keep: true }).run();
    expect(names(lines)).not.toContain('unlinkat');
    expect(lines.at(-1)).toBe(`exit_group(${STATUS})`);
  });

  it('removes the cgroup before the state that says where it is', () => {
    const cgroups = {
      path: '/box',
      remove: (k: Kernel) => {
        k.unlinkat(k.cwd, '/cgroup', AT_REMOVEDIR);
        return 0;
      },
    };
    expect(finish('run', { cgroups }).run().slice(-5)).toEqual([
      'unlinkat(AT_FDCWD, "/cgroup", AT_REMOVEDIR)',
      'unlinkat(5, "cgroup", 0)',
      'unlinkat(5, "state.json", 0)',
      'unlinkat(AT_FDCWD, "/run/ocirun/c1", AT_REMOVEDIR)',
      `exit_group(${STATUS})`,
    ]);
  });

  it('says that a cgroup is still in use, and leaves the state', () => {
    const cgroups = { path: '/box', remove: () => 3 };
    const { run, k } = finish('run', { cgroups });
    expect(run).toThrow('its cgroup is still in use: not removed');
    expect(names(filledLines(k))).not.toContain('unlinkat');
  });
});

describe.each<Ending>(['create', 'detach', 'run'])(
  'a signal before the end of a start: %s',
  (ending) => {
    it('fails it', () => {
      const { run } = finish(ending, {
        script: (k) => k.returns('rt_sigtimedwait', SIGTERM, { times: 1 }),
      });
      expect(run).toThrow('interrupted by a signal');
    });
  },
);

describe.each<Ending>(['detach', 'run'])('a container lane that fails late: %s', (ending) => {
  it('fails the start with its report', () => {
    const { run } = finish(ending, {
      script: (k) =>
        k.returns('read', ({ args }: FakeCall) => {
          if (!(args[1] instanceof FakeMemory)) throw new Error('read without memory');
          args[1].store(0, 8, 3);
          args[1].store(8, 8, 2);
          return 16;
        }),
    });
    expect(run).toThrow('start the container: step 3: no such file or directory');
  });
});
