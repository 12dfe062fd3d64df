// Runs beside a real systemd: starts a scope around a process, looks at it, changes it, ends it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { BPF_PROG_QUERY, bpfDeviceQuery, O_DIRECTORY } from '@oci/kernel';
import { LiveKernel } from '@oci/kernel/live';
import { detectLayout } from '../../src/index.ts';
import { busSocket, managerCgroup, removeUnit, updateUnit } from '../../src/systemd/index.ts';
import { containerCgroup, type Outcome, startScope } from './start.ts';

type Properties = Readonly<Record<string, string>>;

export interface Report {
  readonly manager: string;
  /** Without any of our own work in its cgroup. */
  readonly scope: Outcome;
  readonly cgroup: string;
  readonly properties: Properties;
  /** How many device filters its cgroup has. */
  readonly filters: number;
  readonly updated: Properties;
  /** Starting it a second time. */
  readonly again: Outcome;
  /** The signal that its process ended by when the unit was removed. */
  readonly ended: string;
  readonly left: Properties;
  /** A whole start, and its cgroup's device filters and maximal depth. */
  readonly whole: Outcome;
  readonly wholeFilters: number;
  readonly depth: string;
  /** What launchers do when the container has ended. */
  readonly end: Outcome;
  readonly leftAtEnd: Properties;
  /** The same, when there is nothing to end. */
  readonly endAgain: Outcome;
}

const name = 'docker-box.scope';
const k = new LiveKernel();

/** What systemd says of the unit. */
function show(): Properties {
  const text = execFileSync('systemctl', ['--user', 'show', name], { encoding: 'utf8' });
  return Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s, 2)));
}

function filtersOf(cgroup: string): number {
  const directory = k.openat(k.cwd, `/sys/fs/cgroup${cgroup}`, O_DIRECTORY);
  const ids = k.memory('ids', 256);
  k.bpf(BPF_PROG_QUERY, bpfDeviceQuery(directory, ids));
  k.close(directory);
  return Array.from({ length: 64 }, (_, index) => k.load(ids, index * 4, 4)).filter(Boolean).length;
}

function sleeper() {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  const cgroup = () => readFileSync(`/proc/${pid}/cgroup`, 'utf8').match(/^0::(.*)$/m)?.[1] ?? '';
  return { child, pid, cgroup, ended: once(child, 'exit') };
}

async function run(): Promise<Report> {
  const socket = busSocket('user', process.env) ?? '';
  const manager = managerCgroup(k, socket);
  const first = sleeper();
  const scope = await startScope(socket, first.pid);
  const cgroup = first.cgroup();
  const properties = show();
  const filters = filtersOf(cgroup);
  updateUnit(
    k,
    { name, socket },
    {
      resources: { pids: { limit: 77 }, cpu: { quota: 25_500, period: 100_000 } },
      layout: detectLayout(),
      deviceGroups: () => '',
    },
  );
  const updated = show();
  const again = await startScope(socket, first.pid);
  removeUnit(k, { name, socket });
  const [, ended] = await first.ended;
  const left = show();
  removeUnit(k, { name, socket });

  const second = sleeper();
  const whole = await containerCgroup('start', socket, manager, second.pid);
  const wholeFilters = filtersOf(second.cgroup());
  const depth = readFileSync(`/sys/fs/cgroup${second.cgroup()}/cgroup.max.depth`, 'utf8').trim();
  second.child.kill();
  await second.ended;
  const end = await containerCgroup('end', socket, manager);
  const leftAtEnd = show();
  const endAgain = await containerCgroup('end', socket, manager);
  return {
    manager,
    scope,
    cgroup,
    properties,
    filters,
    updated,
    again,
    ended: String(ended),
    left,
    whole,
    wholeFilters,
    depth,
    end,
    leftAtEnd,
    endAgain,
  };
}

process.stdout.write(JSON.stringify(await run()));
