import { type Fd, type Kernel, Provision, type Stage } from '@oci/kernel';
import type { Seccomp } from '@oci/spec';
import type { Filter } from '../filter.ts';
import { filterFlags } from './flags.ts';
import { type Agent, agentStage, announceListener, forgetStage } from './notify.ts';

/** A compiled profile. */
export interface LoadableProfile {
  readonly filter: Filter;
  /** Whether it has rules that notify. */
  readonly notifies: boolean;
}

/**
 * Loads a filter in the container lane. One that notifies is made known to the profile's agent by
 * the host lane.
 *
 * They go last, so that as few calls as possible have to be allowed for the start itself. Without
 * no_new_privs that takes CAP_SYS_ADMIN (seccomp(2)), which the process is to have kept.
 */
export function seccompStages(
  profile: Seccomp,
  { filter, notifies }: LoadableProfile,
  agent: Agent,
): Stage[] {
  const loaded = new Provision<Fd>('seccomp filter loaded');
  const flags = filterFlags(profile, notifies);
  const load = (k: Kernel) =>
    k.doing('linux.seccomp: load the filter', () => k.seccompSetFilter(filter.bytes, flags));
  const stage = { name: 'seccomp', lane: 'container', category: 'Security' } as const;
  if (!notifies) return [{ ...stage, run: (k) => void load(k) }];
  return [
    {
      ...stage,
      provides: [loaded],
      run: (k) => {
        announceListener(k, agent);
        loaded.provide(load(k));
      },
    },
    agentStage(profile, agent, loaded),
    ...(agent.mayClose ? [forgetStage(agent, loaded)] : []),
  ];
}

/**
 * Loads a filter in the calling thread (and, with SECCOMP_FILTER_FLAG_TSYNC in `profile.flags`, in
 * all of its process). The thread needs no_new_privs, or CAP_SYS_ADMIN. There is no way back.
 *
 * @returns the notification descriptor where the filter notifies, else 0
 * @throws KernelError of seccomp(2): EINVAL for a flag or action that the kernel does not know
 */
export function loadFilter(
  k: Kernel,
  profile: Seccomp,
  { filter, notifies }: LoadableProfile,
): ReturnType<Kernel['seccompSetFilter']> {
  return k.seccompSetFilter(filter.bytes, filterFlags(profile, notifies));
}
