import { type Kernel, PR_SET_DUMPABLE, Provision, type Stage } from '@oci/kernel';
import type { Config, NamespaceType } from '@oci/spec';
import type { NamespaceContext } from './context.ts';
import { refuseHostNetwork } from './host-network.ts';
import { join, openAll } from './join.ts';
import { hasUserNamespace, type Joined, joined } from './kinds.ts';

/** The mount namespace comes last: in it, paths mean something else. */
const order: readonly NamespaceType[] = ['pid', 'ipc', 'uts', 'network', 'time', 'cgroup', 'mount'];

/**
 * Joins the namespaces that are given by path (setns(2)) and that the container process may join
 * itself. Runs in the container lane while paths are still the runtime's, and opens all before it
 * joins any.
 *
 * @param done provided once the container process is in them
 */
export function joinStages(
  config: Config,
  done = new Provision<void>('namespaces joined'),
): Stage[] {
  const entries = inOrder(config).filter((entry) => !joinedBefore(config, entry));
  if (entries.length === 0) return [];
  return [
    {
      name: 'namespaces.join',
      lane: 'container',
      category: 'Platform',
      provides: [done],
      run(k) {
        joinAll(k, config, entries);
        done.provide();
      },
    },
  ];
}

/**
 * What an intermediate process has to join before it makes the container process, or `undefined`
 * when none is needed:
 *
 * - a PID namespace, which takes in the children of who joins it, never itself;
 * - a user namespace, so that those which are made with the container process belong to it;
 * - all others but the mount namespace beside a user namespace, new or joined. setns(2) asks for
 *   CAP_SYS_ADMIN over both the joined namespace and one's own user namespace. A privileged runtime
 *   has it over whatever it could join from within the user namespace, and over more, so it joins
 *   them first; an unprivileged one has it only there, so it joins the user namespace first.
 *
 * The launcher enters none of them: it could not always come back, for a runtime that is itself in a
 * user namespace mostly has no rights over its own PID namespace.
 */
export function intermediateJoins(
  config: Config,
  { rootless }: Pick<NamespaceContext, 'rootless'>,
): ((k: Kernel) => void) | undefined {
  const others = inOrder(config).filter((entry) => joinedBefore(config, entry));
  const user = joined(config).filter(({ type }) => type === 'user');
  const entries = rootless ? [...user, ...others] : [...others, ...user];
  if (entries.length === 0) return undefined;
  return (k) => {
    // As `not dumpable` of the container lane, which is made from this process.
    if (!rootless) k.prctl(PR_SET_DUMPABLE, 0);
    joinAll(k, config, entries);
  };
}

function joinAll(k: Kernel, config: Config, entries: readonly Joined[]): void {
  for (const opened of openAll(k, entries)) {
    if (opened.entry.type === 'network') refuseHostNetwork(k, config, opened.fd);
    join(k, opened);
  }
}

function inOrder(config: Config): Joined[] {
  return joined(config)
    .filter(({ type }) => order.includes(type))
    .sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
}

/** Whether the intermediate process joins it. A mount namespace is of use only to who owns it. */
function joinedBefore(config: Config, { type }: Joined): boolean {
  return type === 'pid' || (type !== 'mount' && hasUserNamespace(config));
}
