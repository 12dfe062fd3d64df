import { type Fd, type Parameter, Provision, type Stage } from '@oci/kernel';
import type { Config } from '@oci/spec';
import {
  consoleRelayStages,
  consoleSocketStages,
  findTerminal,
  type UserTerminal,
} from '@oci/sync';
import type { Ending } from './ending.ts';

/** Both ends of the relay that the launcher is for a container in the foreground. */
export interface RelayedTerminal {
  readonly user: Provision<UserTerminal>;
  /** The master of the container's. */
  readonly master: Provision<Fd>;
}

/** Stages that hand the container's terminal over, to the launcher or through a socket. */
export interface TerminalStages {
  /** Host lane, before the clone. */
  readonly open: readonly Stage[];
  /** Host lane, right after it. */
  readonly part: readonly Stage[];
  /** Both lanes, once the container has its terminal. */
  readonly handOver: readonly Stage[];
  /** Where the launcher stays. */
  readonly relayed?: RelayedTerminal;
}

export function terminal(
  { process }: Config,
  ending: Ending,
  consoleSocket: Parameter,
  console: Provision<{ readonly master: Fd }>,
): TerminalStages {
  if (!process?.terminal) return { open: [], part: [], handOver: [] };
  if (ending !== 'run') {
    const { open, part, send } = consoleSocketStages(consoleSocket, console);
    return { open: [open], part: [part], handOver: [send] };
  }
  const master = new Provision<Fd>('master of the terminal');
  const { stage, found: user } = findTerminal();
  const { open, part, send, receive } = consoleRelayStages(user, console, master);
  return {
    open: [stage, open],
    part: [part],
    handOver: [send, receive],
    relayed: { user, master },
  };
}
