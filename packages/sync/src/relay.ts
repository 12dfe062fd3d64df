import {
  type Cell,
  compare,
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_NONBLOCK,
  type Pid,
  POLLIN,
  SIGCHLD,
  SIGWINCH,
  type Value,
} from '@oci/kernel';
import { PollTable } from './poll-table.ts';
import { Pump } from './pump.ts';
import { ALL_SIGNALS, ending, reap } from './reap.ts';
import { copySize, makeRaw, restore, type UserTerminal } from './terminal.ts';

/** `struct signalfd_siginfo` (signalfd(2)), whose first 32 bits are the signal's number. */
const SIGINFO_BYTES = 128;

/** Entries of the poll table. */
const SIGNALS = 0;
const INPUT = 1;
const OUTPUT = 2;

/** More than a terminal holds (640 KiB in drivers/tty/tty_buffer.c), in bufferfuls of 4 KiB. */
const MOST_LEFT = 192;

/**
 * What `supervise` does, for a container that has a terminal, whose master this is: relays both ways
 * between it and standard input and output, passes changes of the window's size on, and leaves the
 * user's terminal as it was. The result is the exit status.
 */
export function superviseTerminal(
  k: Kernel,
  container: Pid,
  pidfd: Fd,
  user: UserTerminal,
  master: Fd,
): number | Cell {
  return k.doing('supervise the container', () => {
    const end = ending(k);
    const signals = k.signalfd(ALL_SIGNALS, O_CLOEXEC | O_NONBLOCK);
    const info = k.memory('signal', SIGINFO_BYTES);
    const table = new PollTable(k, 3);
    table.watch(k, SIGNALS, signals, POLLIN);
    const input = new Pump(k, 'input', { from: 0, to: master }, table, INPUT);
    const output = new Pump(k, 'output', { from: master, to: 1 }, table, OUTPUT);
    const heed = (signal: Value, leave: () => void) =>
      k.when(
        compare(signal, '==', SIGCHLD),
        () => reap(k, container, end, leave),
        () =>
          k.when(
            compare(signal, '==', SIGWINCH),
            () => copySize(k, user.fd, master),
            () => k.pidfd_send_signal(pidfd, signal, { allow: 'any' }),
          ),
      );
    makeRaw(k, user);
    k.loop((leave) => {
      table.wait(k);
      input.step(k);
      output.step(k);
      table.whenReady(k, SIGNALS, () => {
        // A SIGCONT takes back a stop that was pending (signal(7)).
        const length = k.read(signals, info, SIGINFO_BYTES, { allow: ['EAGAIN'] });
        k.when(compare(length, '==', SIGINFO_BYTES), () => heed(k.load(info, 0, 4), leave));
      });
    });
    table.forget(k, SIGNALS);
    table.forget(k, INPUT);
    output.drain(k, MOST_LEFT);
    restore(k, user);
    return end.code.value;
  });
}
