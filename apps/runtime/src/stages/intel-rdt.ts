import type { Fd, Kernel, Pid, Provision, Stage, Text } from '@oci/kernel';
import { RESCTRL, rdtStages, removeRdt } from '@oci/rdt';
import type { Config } from '@oci/spec';

/** The name of the link in a state directory whose target says which resctrl groups there are. */
export const RDT_LINK = 'intelRdt';

export interface IntelRdt {
  readonly stages: readonly Stage[];
  /** Removes the groups that are the container's own, after it has ended. */
  remove(k: Kernel): void;
}

/**
 * The stages of `@oci/rdt`, with a note in the state directory before them: a start that is killed
 * leaves no group that could not be found.
 */
export function intelRdt(
  config: Config,
  containerId: Text,
  state: Provision<Fd>,
  container: Provision<Pid>,
  joined: Provision,
): IntelRdt {
  const rdt = config.linux?.intelRdt;
  if (rdt === undefined) return { stages: [], remove: () => {} };
  const place = { root: RESCTRL, containerId };
  const { closID, enableMonitoring } = rdt;
  const note: Stage = {
    name: 'rdt.note',
    lane: 'host',
    category: 'Sync',
    needs: [state],
    run: (k) => {
      k.symlinkat(JSON.stringify({ closID, enableMonitoring }), state.value, RDT_LINK);
      k.undo(() => k.unlinkat(state.value, RDT_LINK));
    },
  };
  return {
    stages: [note, ...rdtStages(config, { ...place, container, joined })],
    remove: (k) => removeRdt(k, config, place),
  };
}
