import type { Kernel } from '@oci/kernel';

/** The few system calls that Node has no function for. */
export type StoreKernel = Pick<Kernel, 'flock' | 'pidfd_open' | 'pidfd_send_signal'>;

/** Loads the library through which Node makes system calls: only for commands that must. */
export async function liveKernel(): Promise<StoreKernel> {
  const { LiveKernel } = await import('@oci/kernel/live');
  return new LiveKernel();
}
