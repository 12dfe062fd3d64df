import { readConfigFile } from './config-file.ts';
import { type Host, type Rootless, readHost } from './host.ts';
import type { Systemd } from './systemd.ts';

/** All that is read to compile a bundle. With the options, it decides what the launcher is. */
export interface Sources {
  /** The text of config.json. */
  readonly config: string;
  readonly host: Host;
}

export function readSources(bundle: string, systemd?: Systemd, rootless?: Rootless): Sources {
  return { config: readConfigFile(bundle), host: readHost(systemd, rootless) };
}
