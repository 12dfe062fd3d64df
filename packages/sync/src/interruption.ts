import {
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  POLLIN,
  type Routine,
  SIGHUP,
  SIGINT,
  SIGQUIT,
  SIGTERM,
} from '@oci/kernel';
import { PollTable } from './poll-table.ts';

/** Signals by which somebody asks a start to end. */
const ENDING_SIGNALS = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

const INTERRUPTED = 'interrupted by a signal';

/** Entries of the poll table. */
const AWAITED = 0;
const SIGNALS = 1;

/**
 * Fails the start when somebody has asked it to end meanwhile. Signals are blocked from the first
 * step on (see `prepareToSupervise`), so that a start is either finished or unmade.
 */
export function stopIfInterrupted(k: Kernel): void {
  const pending = k.rt_sigpoll(ENDING_SIGNALS, { allow: ['EAGAIN'] });
  k.when(compare(pending, '>', 0), () => k.fail(INTERRUPTED));
}

/** A descriptor to interrupt {@link waitFor} by. */
export function interruptions(k: Kernel): Fd {
  return k.signalfd(ENDING_SIGNALS, O_CLOEXEC);
}

/**
 * Waits until a descriptor can be read. Fails the start when somebody asks it to end before: what it
 * waits for may take for ever, such as the answer of a seccomp agent.
 */
export function waitFor(k: Kernel, awaited: Fd, signals: Fd): void {
  k.run(waiting, awaited, signals);
}

const waiting: Routine<readonly [awaited: Fd, signals: Fd], undefined> = {
  name: 'interruptible wait',
  body(k, awaited, signals) {
    const table = new PollTable(k, 2);
    table.watch(k, AWAITED, awaited, POLLIN);
    table.watch(k, SIGNALS, signals, POLLIN);
    k.loop((leave) => {
      table.wait(k);
      // First: a failure that is reported says more than a signal.
      table.whenReady(k, AWAITED, leave);
      table.whenReady(k, SIGNALS, () => k.fail(INTERRUPTED));
    });
    return undefined;
  },
};
