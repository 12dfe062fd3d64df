import type { Layout } from '@oci/cgroups';
import { type AnyProvision, Provision, type Stage } from '@oci/kernel';
import { printProgram, Recorder } from '@oci/launcher';
import { FilterCache } from '@oci/seccomp';
import { defaultConfig } from '@oci/spec';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkBundle } from '../../src/bundle.ts';
import { type ContainerStages, containerStages } from '../../src/container-stages.ts';
import { runLane, schedule } from '../../src/pipeline.ts';
import type { Ending } from '../../src/stages/ending.ts';
import { host, type LooseConfig, runnable } from '../config.ts';
import { paces, simulate } from '../simulator.ts';
import { parameters } from './support.ts';

const filters = new FilterCache({ version: '' });
const hybrid: Layout = {
  kind: 'hybrid',
  hierarchies: [{ version: 1, controllers: ['memory'], mountpoint: '/sys/fs/cgroup/memory' }],
  unified: { version: 2, controllers: [], mountpoint: '/sys/fs/cgroup/unified' },
  tracked: true,
};

afterEach(() => vi.restoreAllMocks());

/** What a container that uses everything there is would be like. */
function fullConfig(): LooseConfig {
  const config = runnable(defaultConfig());
  config.process.user = { uid: 1000, gid: 1000, additionalGids: [5] };
  config.process.oomScoreAdj = 100;
  config.process.rlimits = [
    { type: 'RLIMIT_NOFILE', hard: 1024, soft: 512 },
    { type: 'RLIMIT_CORE', hard: 0, soft: 0 },
  ];
  config.hostname = 'box';
  config.domainname = 'example.com';
  config.annotations = { a: 'b' };
  config.linux.sysctl = { 'kernel.domainname': 'example.com' };
  config.linux.rootfsPropagation = 'slave';
  config.linux.namespaces.push({ type: 'cgroup' }, { type: 'time' });
  config.linux.timeOffsets = { boottime: { secs: 5 } };
  config.linux.resources = { memory: { limit: 1_000_000 } };
  config.linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath: '/run/agent.sock',
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
  };
  config.mounts.push({ destination: '/cgroups', type: 'cgroup', source: 'cgroup' });
  return config;
}

function inUserNamespace(): LooseConfig {
  const config = runnable(defaultConfig());
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  return config;
}

function joining(): LooseConfig {
  const config = runnable(defaultConfig());
  for (const namespace of config.linux.namespaces)
    if (namespace.type === 'network') namespace.path = '/run/netns/a';
  return config;
}

function inJoinedUserNamespace(): LooseConfig {
  const config = joining();
  config.linux.namespaces.push({ type: 'user', path: '/run/userns/a' });
  return config;
}

const rootless = () => runnable(defaultConfig({ rootless: true, uid: 1000, gid: 1000 }));

function withTerminal(): LooseConfig {
  const config = runnable(defaultConfig());
  config.process.terminal = true;
  config.process.consoleSize = { height: 25, width: 80 };
  config.process.user = { uid: 1000, gid: 1000 };
  return config;
}

const configs: readonly [name: string, make: () => LooseConfig, isRootless: boolean][] = [
  ["runc's default", () => runnable(defaultConfig()), false],
  ['everything', fullConfig, false],
  ['a terminal', withTerminal, false],
  ['a user namespace', inUserNamespace, false],
  ['a joined namespace', joining, false],
  ['a joined user namespace', inJoinedUserNamespace, false],
  ['rootless', rootless, true],
];

const cases = configs.flatMap(([name, make, isRootless]) =>
  (['create', 'detach', 'run'] as const).flatMap((ending) =>
    [false, true].map((sequential) => [name, ending, sequential, make, isRootless] as const),
  ),
);

interface Start extends ContainerStages {
  readonly recorder: Recorder;
}

function newStart(config: LooseConfig, ending: Ending, isRootless: boolean): Start {
  const recorder = new Recorder({
    name: 'ocirun',
    architecture: 'x86_64',
    parameters: Object.values(parameters),
  });
  const facts = isRootless
    ? host({ rootless: true, euid: 1000, egid: 1000, permitted: 0n })
    : host({ cgroupLayout: hybrid });
  const bundle = checkBundle(
    '/bundle',
    JSON.stringify(config),
    facts,
    { noPivot: false, cgroupManager: 'cgroupfs' },
    filters,
  );
  const stages = containerStages(bundle, facts, parameters, recorder, {
    ending,
    keep: false,
    noPivot: false,
    cgroupManager: 'cgroupfs',
    newKeyring: true,
    preserveFds: 1,
    subreaper: true,
  });
  return { ...stages, recorder };
}

/** What each stage reads and provides, as it is recorded. */
function record(
  { stages, clone, barrier, channel, intermediate, recorder }: Start,
  sequential: boolean,
) {
  const ran: Stage[] = [];
  let running: Stage | undefined;
  const read = new Map<Stage, Set<AnyProvision>>();
  const provided = new Map<AnyProvision, Stage>();
  const value = Object.getOwnPropertyDescriptor(Provision.prototype, 'value')?.get;
  const { provide } = Provision.prototype;
  vi.spyOn(Provision.prototype, 'value', 'get').mockImplementation(function (
    this: Provision<unknown>,
  ) {
    if (running) read.set(running, (read.get(running) ?? new Set()).add(this));
    return value?.call(this);
  } as () => void);
  vi.spyOn(Provision.prototype, 'provide').mockImplementation(function (
    this: Provision<unknown>,
    what: unknown,
  ) {
    if (running) provided.set(this, running);
    provide.call(this, what as never);
  });

  const watched = (stage: Stage): Stage => ({
    ...stage,
    run: (k) => {
      ran.push(stage);
      running = stage;
      stage.run(k);
      running = undefined;
    },
  });
  const made = schedule(stages, clone, { sequential, barrier });
  for (const lane of ['host', 'container'] as const)
    recorder.lane(lane, { by: 'message' }, () => {
      if (lane === 'host') for (const stage of made.before) watched(stage).run(recorder);
      const moves = made.lanes[lane].map((move) =>
        move.kind === 'stage' ? { ...move, stage: watched(move.stage) } : move,
      );
      runLane(recorder, lane, moves, channel);
    });
  if (intermediate) recorder.lane('intermediate', { by: 'message' }, () => intermediate(recorder));
  return { ran, read, provided, made };
}

describe.each(cases)(
  'a whole start: %s, %s, sequential: %s',
  (_, ending, sequential, make, isRootless) => {
    const newRecord = () => {
      const start = newStart(make(), ending, isRootless);
      return { start, ...record(start, sequential) };
    };

    it('runs every stage once', () => {
      const { ran, start } = newRecord();
      expect(ran).toHaveLength(start.stages.length);
      expect(new Set(ran)).toEqual(new Set(start.stages));
    });

    it('provides what its stages say, and nothing else', () => {
      const { start, provided } = newRecord();
      const said = new Map(
        start.stages.flatMap((stage) =>
          (stage.provides ?? []).map((each) => [each, stage] as const),
        ),
      );
      const named = ([provision, stage]: readonly [AnyProvision, Stage]) =>
        `${stage.name}: ${provision.name}`;
      expect([...provided].map(named).sort()).toEqual([...said].map(named).sort());
      for (const [provision, stage] of said) expect(provided.get(provision)).toBe(stage);
    });

    // A stage that only reads what another lane provides would race with it.
    it('needs what its stages read of the other lane', () => {
      const { start, read, provided } = newRecord();
      const split = start.stages.indexOf(start.clone);
      for (const [stage, provisions] of read)
        for (const provision of provisions) {
          const from = provided.get(provision);
          if (!from || from.lane === stage.lane || start.stages.indexOf(from) <= split) continue;
          expect(stage.needs, `${stage.name} reads ${provision.name}`).toContain(provision);
        }
    });

    it('never waits for ever', () => {
      const { made, start } = newRecord();
      for (const pace of paces(1))
        expect(new Set(simulate(made, pace))).toEqual(new Set(start.stages));
    });

    it('can be printed, each stage of the container behind the clone', () => {
      const { start } = newRecord();
      const text = printProgram(start.recorder.program, 'x86_64');
      expect(text).toMatch(/^host\n/);
      expect(text).toMatch(/\n\ncontainer\n/);
      expect(text.match(/ clone3\(/g)).toHaveLength(start.intermediate ? 2 : 1);
    });

    it('writes where the container is to be found before its program may run', () => {
      const { made } = newRecord();
      for (const pace of paces(2)) {
        const ran = simulate(made, pace).map(({ name }) => name);
        const last = ran.findIndex(
          (name) => name === (ending === 'create' ? 'wait for start' : 'process.exec'),
        );
        expect(last).toBeGreaterThan(ran.indexOf('state file'));
        expect(last).toBeGreaterThan(ran.indexOf('pid file'));
      }
    });

    it('becomes root of a user namespace only once that is mapped', () => {
      const { made, start } = newRecord();
      for (const pace of paces(3)) {
        const ran = simulate(made, pace).map(({ name }) => name);
        const [mapped, root] = [
          ran.indexOf('namespaces.user.map'),
          ran.indexOf('namespaces.user.root'),
        ];
        const isJoined = start.intermediate !== undefined;
        expect(mapped < 0).toBe(root < 0 || isJoined);
        if (!isJoined) expect(mapped).toBeLessThanOrEqual(root);
      }
    });
  },
);
