import type { Fd, Pid, Provision, Stage } from '@oci/kernel';
import { type Channel, supervise } from '@oci/sync';
import type { StateDirectory } from './state-directory.ts';

/** Where the host lane's part ends: `create` leaves as soon as the container may be started. */
export type Ending = 'create' | 'detach' | 'run';

export interface FinishContext {
  readonly ending: Ending;
  /** Leaves the state of a container that has ended. */
  readonly keep: boolean;
  readonly channel: Channel;
  readonly state: StateDirectory;
  readonly container: Provision<Pid>;
  readonly pidfd: Provision<Fd>;
  readonly released: Provision;
}

/** The last stages of the host lane. Without any it just ends, and the container goes on. */
export function finishStages(context: FinishContext): Stage[] {
  const { ending, channel, released } = context;
  if (ending === 'create') return [];
  const started: Stage = {
    name: 'started',
    lane: 'host',
    category: 'Sync',
    needs: [released],
    run: (k) => k.doing('start the container', () => channel.waitForExec(k)),
  };
  return ending === 'detach' ? [started] : [started, superviseStage(context)];
}

function superviseStage({ keep, state, container, pidfd }: FinishContext): Stage {
  return {
    name: 'supervise',
    lane: 'host',
    category: 'Sync',
    needs: [container, pidfd],
    run: (k) => {
      // Commands that come while it runs take the lock.
      k.close(state.directory.value);
      const status = supervise(k, container.value, pidfd.value);
      if (!keep) k.doing('remove the state', () => state.removeAll(k));
      k.exit_group(status);
    },
  };
}
