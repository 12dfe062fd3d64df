import type { Resources } from '@oci/spec';
import { requireCgroup, updateUnitOf } from './cgroup.ts';
import { ContainerError } from './errors.ts';
import { ContainerRdt } from './intel-rdt.ts';
import type { StoreKernel } from './kernel.ts';
import { withContainer } from './lock.ts';
import type { ContainerStore } from './store.ts';

/**
 * Changes a container's limits; what is not named stays as it is.
 *
 * @param schemata lines for its class of service of Intel RDT
 * @throws ContainerError when it has stopped, or has nothing that the change is for
 */
export async function updateContainer(
  store: ContainerStore,
  id: string,
  resources: Resources,
  schemata: readonly string[],
  kernel: StoreKernel,
): Promise<void> {
  await withContainer(store, id, kernel, async () => {
    const container = store.load(id);
    if (container.status() === 'stopped')
      throw new ContainerError('WRONG_STATUS', 'container not running');
    const cgroup = requireCgroup(container);
    const rdt = ContainerRdt.of(id, container.directory);
    if (schemata.length > 0 && !rdt)
      throw new ContainerError('UNSUPPORTED', 'Intel RDT: the container has no class of service');
    const changed = cgroup.update(resources);
    const { systemd } = container.file ?? {};
    if (systemd) {
      await updateUnitOf(systemd, changed);
      // systemd has put its own words for it in the cgroup.
      cgroup.update(changed);
    }
    rdt?.update(schemata);
  });
}
