import { type Fd, type Kernel, O_CLOEXEC, O_NONBLOCK, O_RDONLY, type Stage } from '@oci/kernel';
import type { Config, NamespaceType } from '@oci/spec';
import { cloneFlag, type Joined, joined } from './kinds.ts';

/** The mount namespace comes last: in it, paths mean something else. */
const order: readonly NamespaceType[] = ['ipc', 'uts', 'network', 'time', 'cgroup', 'mount'];

/**
 * Joins the namespaces that are given by path (setns(2)). Runs first in the container lane, while
 * paths are still the host's, and opens all before it joins any.
 */
export function joinStages(config: Config): Stage[] {
  const wanted = joined(config)
    .filter(({ type }) => order.includes(type))
    .sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
  if (wanted.length === 0) return [];
  return [
    {
      name: 'namespaces.join',
      lane: 'container',
      category: 'Platform',
      run(k) {
        const opened = wanted.map((entry) => ({ entry, fd: open(k, entry) }));
        for (const { entry, fd } of opened) join(k, entry, fd);
      },
    },
  ];
}

function open(k: Kernel, { index, path }: Joined): Fd {
  return k.doing(`linux.namespaces[${index}].path: open ${path}`, () =>
    // A FIFO in its place must not stop the start.
    k.openat(k.cwd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC),
  );
}

function join(k: Kernel, { index, path, type }: Joined, fd: Fd): void {
  k.doing(`linux.namespaces[${index}].path`, () =>
    k.attempt(
      ['EINVAL'],
      () => {
        k.doing(`join ${path}`, () => k.setns(fd, cloneFlag[type]));
        return undefined;
      },
      () => {
        k.fail(`${path} is not a ${type} namespace`);
        return undefined;
      },
    ),
  );
}
