import { failedWith, SIGKILL } from '@oci/kernel';
import type { Container } from './container.ts';
import { ContainerError } from './errors.ts';
import type { StoreKernel } from './kernel.ts';
import { withContainer } from './lock.ts';
import type { ProcessIdentity } from './processes.ts';
import { signalNamespace, signalProcess } from './send.ts';
import { parseSignal } from './signals.ts';
import type { ContainerStore } from './store.ts';

export interface KillOptions {
  /** Signal every process of the container. */
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
  await withContainer(store, id, kernel, async () => {
    const container = store.load(id);
    const number = parseSignal(signal);
    const { init, cgroup } = container;
    if (!init) throw notRunning();
    const status = container.status();
    const stopped = status === 'stopped';
    if (all) {
      if (stopped) await signalLeft(container, number);
      else await signalAll(store, kernel, container, init, number);
    } else if (stopped || !signalInit(store, kernel, init, number)) {
      throw notRunning();
    }
    // A frozen process does not even die.
    if (status === 'paused' && number === SIGKILL) await cgroup?.thaw();
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

async function signalAll(
  store: ContainerStore,
  kernel: StoreKernel,
  { cgroup }: Container,
  init: ProcessIdentity,
  signal: number,
): Promise<void> {
  const { processes } = store;
  const namespace = processes.pidNamespace(init.pid);
  if (namespace === undefined) return;
  if (processes.isNamespaceInit(init.pid)) {
    signalNamespace(kernel, processes, namespace, signal);
    return;
  }
  // The namespace is the host's, or another container's, whose processes are not ours to signal.
  if (!cgroup) {
    throw new ContainerError(
      'UNSUPPORTED',
      'cannot signal all processes of a container without a pid namespace or a cgroup of its own',
    );
  }
  await cgroup.kill(signal);
}

/**
 * Without a pid namespace of its own a container's processes outlive its first one. That nobody is
 * left is no error, as runc has it.
 */
async function signalLeft({ file, cgroup }: Container, signal: number): Promise<void> {
  if (!file?.ownPids && cgroup?.exists()) await cgroup.kill(signal);
}
