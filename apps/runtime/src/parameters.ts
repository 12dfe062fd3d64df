import { Parameter } from '@oci/kernel';

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.';
/** The id is a directory's name (NAME_MAX in limits.h). */
const LONGEST_ID = 255;

/** What every launcher is given when it is started. */
export interface LaunchParameters {
  readonly id: Parameter;
  /** The directory that holds a state directory for each container. */
  readonly root: Parameter;
  readonly pidFile: Parameter;
  readonly log: Parameter;
}

export function launchParameters(root: string): LaunchParameters {
  return {
    id: new Parameter('id', { positional: true, characters: ID_CHARACTERS, longest: LONGEST_ID }),
    root: new Parameter('root', { fallback: root }),
    pidFile: new Parameter('pid-file'),
    log: new Parameter('log'),
  };
}
