import type { Fd, Provision, Text } from '@oci/kernel';
import type { Layout } from './layout.ts';

/** What the runtime knows before a container starts. */
export interface CgroupsContext {
  readonly layout: Layout;
  readonly containerId: Text;
  /** The runtime has no privileges. */
  readonly rootless: boolean;
  /**
   * The container's state directory. The cgroup's path is kept there, as the target of a symbolic
   * link, before the cgroup is made: a start that is killed leaves nothing that cannot be found.
   */
  readonly state?: Provision<Fd>;
}
