import { readFileSync } from 'node:fs';
import { failedWith } from '@oci/kernel';
import * as z from 'zod/mini';
import { ContainerError } from './errors.ts';

/** What the launcher writes: what is known of a container once it is created. */
const StateFile = z.object({
  ociVersion: z.string(),
  id: z.string(),
  pid: z.int().check(z.positive()),
  startTime: z.int().check(z.nonnegative()),
  bundle: z.string(),
  rootfs: z.string(),
  created: z.string(),
  owner: z.string(),
  /** Its first process takes all others of the container with it. */
  ownPids: z.optional(z.boolean()),
  /** The unit of systemd that its cgroup is. */
  systemd: z.optional(z.object({ name: z.string(), socket: z.string() })),
  annotations: z.optional(z.record(z.string(), z.string())),
});
export type StateFile = z.infer<typeof StateFile>;

/**
 * Reads a container's state.json; `undefined` while there is none.
 *
 * @throws ContainerError when it is not what a launcher writes.
 */
export function readStateFile(path: string, id: string): StateFile | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const result = StateFile.safeParse(parse(text, path));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw damaged(path, `${issue?.path.join('.') || 'state'}: ${issue?.message ?? 'invalid'}`);
  }
  if (result.data.id !== id) {
    throw damaged(path, `it is of another container (${JSON.stringify(result.data.id)})`);
  }
  return result.data;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path, 'not valid JSON');
  }
}

function damaged(path: string, why: string): ContainerError {
  return new ContainerError('DAMAGED', `damaged state file ${path}: ${why}`);
}
