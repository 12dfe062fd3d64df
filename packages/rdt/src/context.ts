import type { Pid, Provision, Text } from '@oci/kernel';

/** Where resctrl is mounted, if nobody has put it elsewhere (resctrl.rst). */
export const RESCTRL = '/sys/fs/resctrl';

/** What decides which groups a container belongs to. */
export interface RdtPlace {
  /** Where resctrl is mounted: {@link RESCTRL}, mostly. */
  readonly root: string;
  /** The container's id: names the groups that are its own. */
  readonly containerId: Text;
}

/** What the runtime knows, or lets other stages provide. */
export interface RdtContext extends RdtPlace {
  /** The container's first process, as the host sees it. */
  readonly container: Provision<Pid>;
  /** Provided once it is in its groups: its program is to wait for that. */
  readonly joined: Provision;
}
