import {
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  Provision,
  type Stage,
  type Value,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { inRoot } from './in-root.ts';

export interface CwdStages {
  /** Before the process becomes its user. */
  readonly privileged: readonly Stage[];
  /** After that: tries again what only the user may do. */
  readonly asUser: readonly Stage[];
}

/**
 * config.md, "Process", cwd. First with all privileges, since engines give directories that only
 * root can pass through (`runc` does so since 1.0); where root itself is turned away, as on a
 * filesystem of the user's own (NFS with root squashed, FUSE), once more as the user. The other
 * order would refuse the former. Opened by descriptor and without magic links, so that it is
 * within the container's root, or the start fails; never created.
 */
export function cwdStages(config: RunnableConfig, root?: Provision<Fd>): CwdStages {
  const { cwd, user } = config.process;
  const what = `process.cwd: change to ${cwd}`;
  const stage = (
    name: string,
    needs: Stage['needs'],
    provides: Stage['provides'],
    run: Stage['run'],
  ): Stage => ({
    name,
    lane: 'container',
    category: 'Configuration',
    needs: needs ?? [],
    provides: provides ?? [],
    run,
  });
  const rooted = root ? [root] : [];
  const change = (k: Kernel) => changeDirectory(k, cwd, root);
  const isRoot = (user?.uid ?? 0) === 0 && (user?.gid ?? 0) === 0;
  if (isRoot) {
    const run = (k: Kernel) => k.doing(what, () => change(k));
    return { privileged: [stage('process.cwd', rooted, [], run)], asUser: [] };
  }
  const refused = new Provision<() => Value>('whether root was refused the cwd');
  return {
    privileged: [
      stage('process.cwd', rooted, [refused], (k) => {
        const again = k.variable('cwd.again', 0);
        const first = () => {
          change(k);
          return undefined;
        };
        k.doing(what, () =>
          k.attempt(['EACCES', 'EPERM'], first, () => {
            k.set(again, 1);
            return undefined;
          }),
        );
        refused.provide(() => again.value);
      }),
    ],
    asUser: [
      stage('process.cwd as user', [refused], [], (k) => {
        k.when(compare(refused.value(), '!=', 0), () => k.doing(what, () => change(k)));
      }),
    ],
  };
}

function changeDirectory(k: Kernel, cwd: string, root: Provision<Fd> | undefined): void {
  if (root === undefined && /^\/+$/.test(cwd)) {
    k.chdir('/');
    return;
  }
  const { directory, resolve } = inRoot(root);
  const flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  k.fchdir(k.openat2(directory, cwd, { flags, resolve }));
}
