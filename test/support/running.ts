import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { TestBundle } from './bundle.ts';
import { newId, ocirun } from './ocirun.ts';

/** Runs a container of this bundle for as long as `look` looks at it, and deletes it then. */
export async function whileRunning(
  bundle: TestBundle,
  look: (id: string, pid: number) => Promise<void> | void,
  script = 'exec sleep 60',
  globals: readonly string[] = [],
): Promise<void> {
  const id = newId();
  bundle.script(script);
  await expectDone([...globals, 'run', '-d', '-b', bundle.path, id]);
  try {
    await look(id, await pidOf(id));
  } finally {
    await expectDone(['delete', '--force', id]);
  }
}

/** Runs a command that has nothing to say; what it starts in the background keeps no pipe. */
export async function expectDone(args: readonly string[]): Promise<void> {
  const outcome = await ocirun(args, { stdio: ['ignore', 'ignore', 'pipe'] });
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
}

export async function stateOf(id: string): Promise<Record<string, unknown>> {
  const { stdout } = await ocirun(['state', id]);
  return JSON.parse(stdout);
}

async function pidOf(id: string): Promise<number> {
  return Number((await stateOf(id)).pid);
}

/** Whether a process is there and has not ended. */
export function isAlive(pid: number): boolean {
  try {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state !== 'Z';
  } catch {
    return false;
  }
}
