import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report, Request } from './report.ts';

const child = fileURLToPath(new URL('child.ts', import.meta.url));

/** A bundle with an empty rootfs, and its end. */
export function makeBundle(): { readonly path: string; remove(): void } {
  const path = mkdtempSync('/tmp/oci-mounts-');
  mkdirSync(join(path, 'rootfs'));
  return { path, remove: () => rmSync(path, { recursive: true }) };
}

export interface Surroundings {
  /** Options of unshare(1) besides a mount namespace. */
  readonly unshare?: readonly string[];
  /** Shell commands that are run before, in a mount namespace of their own around it. */
  readonly prepare?: string;
  /** Shell commands that are run there afterwards; what they print is the second result. */
  readonly finish?: string;
}

/** Runs all stages in a process of its own, in namespaces of its own. */
export function start(
  request: Request,
  {
    unshare = ['--ipc', '--net', '--uts', '--pid', '--fork'],
    prepare = ':',
    finish = ':',
  }: Surroundings = {},
): readonly [Report, string] {
  const node = [process.execPath, '--conditions=@oci/source', '--import', 'tsx', child];
  const inner = ['unshare', '--mount', '--propagation', 'unchanged', ...unshare, ...node];
  const script = [
    // Modes must not depend on it.
    'umask 077',
    prepare,
    `${inner.map((word) => `'${word}'`).join(' ')}; echo`,
    finish,
  ].join('\n');
  const outer = ['--mount', '--propagation', 'private', 'sh', '-ec', script];
  const { stdout, stderr, status } = spawnSync('unshare', outer, {
    input: JSON.stringify(request),
    encoding: 'utf8',
  });
  const [line = '', ...rest] = stdout.split('\n');
  if (status !== 0 || line === '') throw new Error(`the child failed (${status}): ${stderr}`);
  return [JSON.parse(line), rest.join('\n')];
}

/** One line of a mountinfo (proc_pid_mountinfo(5)). */
export interface MountLine {
  readonly root: string;
  readonly options: string;
  readonly propagation: string;
  readonly type: string;
  readonly source: string;
  readonly superblock: string;
}

/** By mount point; of mounts on top of each other the topmost. */
export function parseMountinfo(text: string): Record<string, MountLine> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [before = '', after = ''] = line.split(' - ');
        const [, , , root = '', point = '', options = '', ...propagation] = before.split(' ');
        const [type = '', source = '', superblock = ''] = after.split(' ');
        return [
          point,
          {
            root,
            options,
            propagation: propagation.join(' ').replace(/\d+/g, 'N'),
            type,
            source,
            superblock,
          },
        ];
      }),
  );
}

export function mountsOf({ error, mountinfo }: Report): Record<string, MountLine> {
  if (error !== undefined || mountinfo === undefined) throw new Error(error ?? 'no mountinfo');
  return parseMountinfo(mountinfo);
}

export function hostMounts(): string {
  return readFileSync('/proc/self/mountinfo', 'utf8');
}
