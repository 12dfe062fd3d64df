import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Pid, Provision } from '@oci/kernel';
import { assemble, lower, Recorder } from '@oci/launcher';
import type { Config } from '@oci/spec';
import { systemdStages, systemdUnit } from '../../src/systemd/index.ts';
import { scopeStage } from '../../src/systemd/stages.ts';

export interface Outcome {
  readonly status: number | null;
  readonly stderr: string;
}

export const config = {
  ociVersion: '1.3.0',
  linux: {
    cgroupsPath: 'a-b.slice:docker:box',
    resources: {
      devices: [{ allow: false, access: 'rwm' }],
      unified: { 'cgroup.max.depth': '5' },
    },
  },
  annotations: { 'org.systemd.property.CollectMode': "'inactive-or-failed'" },
} satisfies Config;

const unit = systemdUnit(config, 'id', 'system');
const layout = {
  kind: 'unified',
  hierarchies: [],
  unified: { version: 2, controllers: [], mountpoint: '/sys/fs/cgroup' },
} as const;
const deviceGroups = () => 'Character devices:\n  1 mem\n136 pts\n\nBlock devices:\n  8 sd\n';

const settings = [
  { controller: 'memory', file: 'memory.max', value: '1048576', path: '' },
  { controller: 'pids', file: 'pids.max', value: 'max', path: '' },
  { controller: 'io', file: 'io.bfq.weight', value: '100', path: '' },
];

/** Has systemd start a scope and do nothing else, as a launcher does. */
export function startScope(socket: string, pid = 4242): Promise<Outcome> {
  const started = new Provision('started');
  const context = { unit, socket, layout, deviceGroups };
  const stage = scopeStage(config, context, settings, containerOf(pid), started);
  return launch((k) => stage.run(k));
}

/** All that a launcher does for the cgroup of a container, when it starts or when it has ended. */
export function containerCgroup(
  what: 'start' | 'end',
  socket: string,
  manager: string,
  pid = 4242,
): Promise<Outcome> {
  const context = { unit, socket, manager, layout, rootless: false, deviceGroups };
  const { make, close, join: joining, remove } = systemdStages(config, context, containerOf(pid));
  return launch((k) => {
    if (what === 'end') remove(k);
    else for (const stage of [...make, ...close, ...joining]) stage.run(k);
  });
}

function containerOf(pid: number): Provision<Pid> {
  const container = new Provision<Pid>('container');
  container.provide(pid);
  return container;
}

/** Compiles what `body` does, and runs it. */
async function launch(body: (k: Recorder) => void): Promise<Outcome> {
  const k = new Recorder({
    name: 'ocirun',
    architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    parameters: [],
  });
  k.lane('host', { by: 'message' }, () => body(k));
  const directory = mkdtempSync(join(tmpdir(), 'systemd-'));
  const file = join(directory, 'launcher');
  writeFileSync(file, assemble(lower(k.program), k.architecture), { mode: 0o755 });
  try {
    return await run(file, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const child = fileURLToPath(new URL('command.ts', import.meta.url));

/** Makes live calls in a process of its own, since they block. */
export function command(name: 'update' | 'remove', socket: string): Promise<Outcome> {
  return run(process.execPath, [
    '--conditions=@oci/source',
    '--import',
    'tsx',
    child,
    name,
    socket,
  ]);
}

async function run(file: string, args: readonly string[]): Promise<Outcome> {
  const process = spawn(file, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  let stderr = '';
  process.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [status] = await once(process, 'close');
  return { status: typeof status === 'number' ? status : null, stderr };
}
