import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLONE_INTO_CGROUP,
  type Kernel,
  O_CLOEXEC,
  O_RDONLY,
  Parameter,
  SIGCHLD,
  text,
} from '@oci/kernel';
import { assemble, lower, Recorder } from '@oci/launcher';
import type { Config } from '@oci/spec';
import { type CgroupStages, cgroupStages, detectLayout } from '../../src/index.ts';

const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Parts {
  /** What the process does that is put in the cgroup. */
  readonly container?: (k: Kernel) => void;
  /** In the host lane, before that process exists. */
  readonly before?: (k: Kernel) => void;
}

/** Prints what /proc/self/cgroup says. */
export function printMembership(k: Kernel): void {
  const fd = k.openat(k.cwd, '/proc/self/cgroup', O_RDONLY | O_CLOEXEC);
  const memory = k.memory('membership', 4096);
  k.write(1, memory, k.read(fd, memory));
}

/**
 * Compiles a launcher of nothing but cgroups, and runs it: it makes a cgroup, starts a process in it,
 * waits for that, removes the cgroup and says whether that was done.
 */
export function launch(config: Config, id: string, parts: Parts = {}): Outcome {
  const { container = printMembership, before = () => {} } = parts;
  const containerId = new Parameter('id', { positional: true });
  const recorder = new Recorder({ name: 'test', architecture, parameters: [containerId] });
  const stages = cgroupStages(config, { layout: detectLayout(), containerId, rootless: false });
  recorder.lane('host', { by: 'message' }, () => {
    for (const stage of stages.make) stage.run(recorder);
    before(recorder);
    const child = recorder.spawn('container', cloneArguments(stages));
    for (const stage of stages.close) stage.run(recorder);
    recorder.wait4(child, null, 0);
    recorder.writeText(1, text`in use: ${stages.remove(recorder)}`);
  });
  recorder.lane('container', { by: 'message' }, () => {
    for (const stage of stages.join) stage.run(recorder);
    container(recorder);
  });
  return run(assemble(lower(recorder.program), architecture), id);
}

function cloneArguments({ directory }: CgroupStages) {
  if (!directory) return { flags: 0, exitSignal: SIGCHLD };
  return { flags: CLONE_INTO_CGROUP, exitSignal: SIGCHLD, cgroup: directory.value };
}

function run(launcher: Uint8Array, id: string): Outcome {
  const directory = mkdtempSync(join(tmpdir(), 'cgroups-'));
  try {
    const file = join(directory, 'launcher');
    writeFileSync(file, launcher, { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync(file, [id], { encoding: 'utf8', timeout: 20_000 });
    return { status, stdout, stderr };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
