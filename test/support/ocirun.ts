import { type SpawnOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const OCIRUN = fileURLToPath(new URL('../../apps/runtime/bin/ocirun', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds. */
const DRAINED = 100;

/** Runs any command to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (data) => {
      stdout += data;
    });
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    const end = (status: number | null, signal: NodeJS.Signals | null) =>
      resolve({ status, signal, stdout, stderr });
    child.on('close', end);
    // A detached container keeps the streams open; what was written before is read by then.
    child.on('exit', (status, signal) => setTimeout(end, DRAINED, status, signal).unref());
  });
}

export function ocirun(args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  return run(OCIRUN, args, options);
}

/** What the ids of one test file begin with. */
export const ownIds = `test-${process.pid}-`;

let count = 0;

/** A new id for each container. */
export function newId(): string {
  return `${ownIds}${count++}`;
}
