import { CGROUP_LINK, type CgroupStages } from '@oci/cgroups';
import { compare, type Fd, type Kernel, type Pid, type Provision, type Stage } from '@oci/kernel';
import { type Channel, stopIfInterrupted, supervise, superviseTerminal } from '@oci/sync';
import type { Ending } from './ending.ts';
import { type IntelRdt, RDT_LINK } from './intel-rdt.ts';
import type { StateDirectory } from './state-directory.ts';
import type { RelayedTerminal } from './terminal.ts';

const host = { lane: 'host', category: 'Sync' } as const;

export interface FinishContext {
  readonly ending: Ending;
  /** Leaves the state of a container that has ended. */
  readonly keep: boolean;
  readonly channel: Channel;
  readonly state: StateDirectory;
  readonly cgroups: Pick<CgroupStages, 'path' | 'remove'>;
  readonly rdt: Pick<IntelRdt, 'stages' | 'remove'>;
  readonly container: Provision<Pid>;
  readonly pidfd: Provision<Fd>;
  /** The container lane has come to the barrier. */
  readonly ready: Provision;
  /** The terminal of a container in the foreground. */
  readonly relayed?: RelayedTerminal | undefined;
}

/**
 * The last stages of the host lane. A signal that came before is heeded here: the start is either
 * unmade or finished.
 */
export function finishStages(context: FinishContext): Stage[] {
  const { ending, channel, ready } = context;
  if (ending === 'create') {
    return [{ ...host, name: 'created', needs: [ready], run: (k) => stopIfInterrupted(k) }];
  }
  const started: Stage = {
    ...host,
    name: 'started',
    // One that dies before it is ready must not pass for one that has made its exec.
    needs: [ready],
    run: (k) => {
      k.doing('start the container', () => channel.waitForExec(k));
      stopIfInterrupted(k);
    },
  };
  return ending === 'detach' ? [started] : [started, superviseStage(context)];
}

function superviseStage(context: FinishContext): Stage {
  const { keep, state, container, pidfd, relayed } = context;
  return {
    ...host,
    name: 'supervise',
    needs: [container, pidfd, ...(relayed ? [relayed.user, relayed.master] : [])],
    run: (k) => {
      state.release(k);
      const status = relayed
        ? superviseTerminal(
            k,
            container.value,
            pidfd.value,
            relayed.user.value,
            relayed.master.value,
          )
        : supervise(k, container.value, pidfd.value);
      if (!keep) k.when(compare(state.reclaim(k), '!=', 0), () => remove(k, context));
      k.exit_group(status);
    },
  };
}

/** What the container had. A cgroup that others use stays, and so does the state that names it. */
function remove(k: Kernel, { state, cgroups, rdt }: FinishContext): void {
  k.when(compare(cgroups.remove(k), '!=', 0), () => {
    // Without it, what failed starts unmake in it stays.
    k.close(state.directory.value);
    k.fail('the container has ended, but its cgroup is still in use: not removed');
  });
  rdt.remove(k);
  const links = [
    ...(cgroups.path === undefined ? [] : [CGROUP_LINK]),
    ...(rdt.stages.length === 0 ? [] : [RDT_LINK]),
  ];
  k.doing('remove the state', () => state.removeAll(k, links));
}
