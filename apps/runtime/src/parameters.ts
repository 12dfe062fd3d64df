import { Parameter } from '@oci/kernel';
import { LONGEST_SOCKET_PATH } from '@oci/sync';

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.';
/** The id is a directory's name (NAME_MAX in limits.h). */
const LONGEST_ID = 255;

/** What every launcher is given when it is started. */
export interface LaunchParameters {
  readonly id: Parameter;
  /** The directory that holds a state directory for each container. */
  readonly root: Parameter;
  readonly pidFile: Parameter;
  /** Receives the terminal of a container that the launcher does not stay with. */
  readonly consoleSocket: Parameter;
  readonly log: Parameter;
}

/** @param detachedTerminal the container has a terminal, and the launcher does not stay with it */
export function launchParameters(root: string, detachedTerminal = false): LaunchParameters {
  return {
    id: new Parameter('id', { positional: true, characters: ID_CHARACTERS, longest: LONGEST_ID }),
    root: new Parameter('root', { fallback: root }),
    pidFile: new Parameter('pid-file'),
    consoleSocket: new Parameter('console-socket', {
      longest: LONGEST_SOCKET_PATH,
      ...(!detachedTerminal && {
        refusal: 'cannot use console socket if ocirun will not detach or allocate tty',
      }),
    }),
    log: new Parameter('log'),
  };
}
