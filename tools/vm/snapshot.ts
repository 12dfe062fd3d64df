import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './command.ts';

/** Large, and not worked on: shared as it is, or not needed. */
const leftOut = new Set(['.git', '.nx', 'node_modules']);

/** Copies a workspace as it is now, so that nobody who works on it disturbs a run. */
export async function snapshot(workspace: string, to: string, signal: AbortSignal): Promise<void> {
  const names = readdirSync(workspace).filter((name) => !leftOut.has(name));
  mkdirSync(to);
  await output(['cp', '-a', ...names.map((name) => join(workspace, name)), to], { signal });
}
