import { ContainerError, failedWith } from './errors.ts';
import type { StoreKernel } from './kernel.ts';
import { withContainer } from './lock.ts';
import type { ProcessIdentity } from './processes.ts';
import { signalNamespace, signalProcess } from './send.ts';
import { parseSignal } from './signals.ts';
import type { ContainerStore } from './store.ts';

export interface KillOptions {
  /** Signal every process of the container's pid namespace. */
  readonly all?: boolean;
}

/**
 * Sends a signal to a container's first process, or to all its processes.
 *
 * @throws ContainerError when it does not run, or the signal is unknown.
 */
export async function killContainer(
  store: ContainerStore,
  id: string,
  signal: string,
  kernel: StoreKernel,
  { all = false }: KillOptions = {},
): Promise<void> {
  await withContainer(store, id, kernel, () => {
    const container = store.load(id);
    const number = parseSignal(signal);
    const { init } = container;
    if (!init) throw notRunning();
    const stopped = container.status() === 'stopped';
    if (all) {
      // As runc has it, there is nobody left then, and that is no error.
      if (!stopped) signalAll(store, kernel, init, number);
    } else if (stopped || !signalInit(store, kernel, init, number)) {
      throw notRunning();
    }
  });
}

function notRunning(): ContainerError {
  return new ContainerError('WRONG_STATUS', 'container not running');
}

function signalInit(
  store: ContainerStore,
  kernel: StoreKernel,
  init: ProcessIdentity,
  signal: number,
): boolean {
  try {
    return signalProcess(kernel, store.processes, init, signal);
  } catch (error) {
    if (failedWith(error, 'EPERM')) {
      throw new ContainerError('UNSUPPORTED', 'unable to signal init: operation not permitted');
    }
    throw error;
  }
}

function signalAll(
  store: ContainerStore,
  kernel: StoreKernel,
  init: ProcessIdentity,
  signal: number,
): void {
  const { processes } = store;
  const namespace = processes.pidNamespace(init.pid);
  if (namespace === undefined) return;
  // Else it is the host's, or another container's, whose processes are not ours to signal.
  if (!processes.isNamespaceInit(init.pid)) {
    throw new ContainerError(
      'UNSUPPORTED',
      'cannot signal all processes of a container without a pid namespace of its own',
    );
  }
  signalNamespace(kernel, processes, namespace, signal);
}
