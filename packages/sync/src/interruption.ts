import { compare, type Kernel, SIGHUP, SIGINT, SIGQUIT, SIGTERM } from '@oci/kernel';

/**
 * Fails the start when somebody has asked it to end meanwhile. Signals are blocked from the first
 * step on (see `prepareToSupervise`), so that a start is either finished or unmade.
 */
export function stopIfInterrupted(k: Kernel): void {
  const ends = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];
  const pending = k.rt_sigpoll(ends, { allow: ['EAGAIN'] });
  k.when(compare(pending, '>', 0), () => k.fail('interrupted by a signal'));
}
