import type { Config } from '@oci/spec';
import type { ContainerCgroups, MountsConfig } from '../../src/index.ts';

/** What the child is asked to do. */
export interface Request {
  readonly bundle: string;
  readonly config: MountsConfig & Pick<Config, 'ociVersion'>;
  readonly noPivot?: boolean;
  readonly cgroups?: ContainerCgroups;
  /** Paths to look at when all is done. */
  readonly look?: readonly string[];
  /** Files to try to create. */
  readonly create?: readonly string[];
}

/** What is at a path; `error` when it cannot be looked at. */
export interface Found {
  readonly kind?: 'file' | 'directory' | 'link' | 'character' | 'block' | 'fifo' | 'other';
  /** Permission bits in octal. */
  readonly mode?: string;
  readonly owner?: string;
  /** major:minor of a device. */
  readonly device?: string;
  readonly target?: string;
  readonly entries?: readonly string[];
  readonly content?: string;
  readonly error?: string;
}

/** What it says on its standard output. */
export interface Report {
  readonly error?: string;
  readonly mountinfo?: string;
  readonly cwd?: string;
  readonly found?: Readonly<Record<string, Found>>;
  /** Error codes, or 'created'. */
  readonly created?: Readonly<Record<string, string>>;
  /** What the descriptors of the process lead to. */
  readonly descriptors?: readonly string[];
}
