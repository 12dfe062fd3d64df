import type { Status } from '@oci/spec';
import type { Container } from './container.ts';
import { ContainerError } from './errors.ts';
import type { StoreKernel } from './kernel.ts';
import { withContainer } from './lock.ts';
import type { ContainerStore } from './store.ts';

/**
 * Lets a created container run its program.
 *
 * @throws ContainerError when it is not created, or no more.
 */
export async function startContainer(
  store: ContainerStore,
  id: string,
  kernel: StoreKernel,
): Promise<void> {
  await withContainer(store, id, kernel, () => {
    const container = store.load(id);
    const status = container.status();
    const released = status === 'created' && container.fifo.release();
    const refusal = released ? undefined : refuse(container);
    // Also the one that an interrupted start left beside a running container; not one at which a
    // paused container waits.
    if (container.file && status !== 'paused') container.fifo.remove();
    if (refusal) throw refusal;
  });
}

function refuse(container: Container): ContainerError {
  const status = container.status();
  return new ContainerError(
    'WRONG_STATUS',
    words[status] ?? `cannot start a container in the ${status} state`,
  );
}

const words: Partial<Record<Status, string>> = {
  running: 'cannot start an already running container',
  stopped: 'cannot start a container that has stopped',
};
