import type { Kernel, Text } from '@oci/kernel';
import { text } from '@oci/kernel';
import type { Config } from '@oci/spec';
import type { ProcessContext } from './context.ts';

/** The sockets of a service that is started by socket activation (sd_listen_fds(3)). */
export interface ListenFds {
  /** How many descriptors, from 3 on. */
  readonly count: number;
  /** Their names, as LISTEN_FDNAMES has them: divided by colons. */
  readonly names?: string;
}

/** How many descriptors a caller may pass, so that a number with a slip of the pen is told. */
const MOST = 4096;

/**
 * The sockets that were passed to a runtime for its container. They are read from the environment
 * when a launcher is compiled, so a launcher that is kept is only good for a caller that passes as
 * many, under the same names; one that is compiled for later has none.
 *
 * @param environment the runtime's own
 * @param pid the runtime's process id: variables that are meant for another process count for nothing
 * @throws Error when LISTEN_FDS is not a number of descriptors
 */
export function readListenFds(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): ListenFds | undefined {
  const { LISTEN_FDS = '', LISTEN_PID, LISTEN_FDNAMES: names } = environment;
  if (LISTEN_FDS === '' || LISTEN_PID !== String(pid)) return undefined;
  const count = /^\d+$/.test(LISTEN_FDS) ? Number(LISTEN_FDS) : Number.NaN;
  if (!(count <= MOST)) throw new Error(`LISTEN_FDS: ${LISTEN_FDS} is no number of descriptors`);
  if (count === 0) return undefined;
  return { count, ...(names !== undefined && { names }) };
}

/** How many descriptors from 3 on a container keeps: its sockets first, then those of --preserve-fds. */
export function preservedDescriptors({
  listenFds,
  preserveFds,
}: Pick<ProcessContext, 'listenFds' | 'preserveFds'>): number {
  return (listenFds?.count ?? 0) + preserveFds;
}

/** Variables that the sockets come with. They take the place of the config's own. */
export const listenVariables: ReadonlySet<string> = new Set([
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
]);

/** Says to the container's program which sockets are its own. */
export function listenEnvironment(k: Kernel, config: Config, { count, names }: ListenFds): Text[] {
  const namespaces = config.linux?.namespaces ?? [];
  const isInit = namespaces.some(({ type, path }) => type === 'pid' && path === undefined);
  return [
    `LISTEN_FDS=${count}`,
    isInit ? 'LISTEN_PID=1' : text`LISTEN_PID=${k.getpid()}`,
    ...(names === undefined ? [] : [`LISTEN_FDNAMES=${names}`]),
  ];
}
