/*
 * How long the kernel takes for a container's cgroup, measured inside of a launcher: the time that a
 * life with cgroups has over one without, but for their effect on the clone.
 *
 *   npx tsx --conditions=@oci/source bench/life.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLOCK_MONOTONIC,
  CLONE_INTO_CGROUP,
  type Kernel,
  Parameter,
  SIGCHLD,
  text,
} from '@oci/kernel';
import { assemble, lower, Recorder } from '@oci/launcher';
import { defaultConfig } from '@oci/spec';
import { cgroupStages, detectLayout } from '../src/index.ts';

const LIVES = 300;
const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** Nanoseconds. */
function now(k: Kernel) {
  const time = k.memory('time', 16);
  k.clock_gettime(CLOCK_MONOTONIC, time);
  const seconds = k.compute(k.load(time, 0, 8), '*', 1_000_000_000);
  return k.compute(seconds, '+', k.load(time, 8, 8));
}

/** Runs `body`, and prints how long that took. */
function timed(k: Kernel, body: () => void): void {
  const start = now(k);
  body();
  const end = now(k);
  k.writeText(1, text`${k.compute(end, '-', start)} `);
}

function launcher(): Uint8Array {
  const containerId = new Parameter('id', { positional: true });
  const k = new Recorder({ name: 'life', architecture, parameters: [containerId] });
  const config = defaultConfig();
  const stages = cgroupStages(config, { layout: detectLayout(), containerId, rootless: false });
  const { directory } = stages;
  const run = (list: typeof stages.make) => () => {
    for (const stage of list) stage.run(k);
  };
  k.lane('host', { by: 'message' }, () => {
    timed(k, run(stages.make));
    const into = directory && { cgroup: directory.value };
    const flags = directory ? CLONE_INTO_CGROUP : 0;
    const child = k.spawn('container', { flags, exitSignal: SIGCHLD, ...into });
    run(stages.close)();
    k.wait4(child, null, 0);
    timed(k, () => stages.remove(k));
  });
  k.lane('container', { by: 'message' }, () => timed(k, run(stages.join)));
  return assemble(lower(k.program), architecture);
}

function median(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${((sorted[sorted.length >> 1] ?? 0) / 1000).toFixed(0)} µs`;
}

const place = mkdtempSync(join(tmpdir(), 'cgroups-bench-'));
try {
  const file = join(place, 'launcher');
  writeFileSync(file, launcher(), { mode: 0o755 });
  const lives = Array.from({ length: LIVES }, (_, index) => {
    const { stdout } = spawnSync(file, [`bench-${process.pid}-${index}`], { encoding: 'utf8' });
    return stdout.trim().split(' ').map(Number);
  });
  const column = (index: number) => median(lives.map((times) => times[index] ?? Number.NaN));
  const whole = lives.map((times) => times.reduce((sum, time) => sum + time, 0));
  console.table({ make: column(0), join: column(1), remove: column(2), together: median(whole) });
} finally {
  rmSync(place, { recursive: true });
}
