import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { checkMounts } from '@oci/mounts';
import { checkNamespaces } from '@oci/namespaces';
import { checkProcess } from '@oci/process';
import { parseConfig, type RunnableConfig, requireRunnable, SpecError } from '@oci/spec';
import type { Host } from './host.ts';
import { checkSupported } from './unsupported.ts';

/** A bundle that this runtime can start on this host. */
export interface Bundle {
  readonly config: RunnableConfig;
  /** Absolute paths. */
  readonly path: string;
  readonly rootfs: string;
  /** What of the config will not be so, and does not have to be. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks a bundle (bundle.md).
 *
 * @throws SpecError with all that is wrong, each by its JSON path
 * @throws Error when config.json can't be read
 */
export function readBundle(bundle: string, host: Host, options: { noPivot: boolean }): Bundle {
  const path = resolve(bundle);
  const config = requireRunnable(parseConfig(readConfig(path)));
  const processFindings = checkProcess(config, host);
  const issues = [
    ...checkSupported(config),
    ...checkNamespaces(config, host),
    ...checkMounts(config, options),
    ...processFindings.issues,
  ];
  if (issues.length > 0) throw new SpecError('config.json', issues);
  return {
    config,
    path,
    rootfs: isAbsolute(config.root.path) ? config.root.path : join(path, config.root.path),
    warnings: processFindings.warnings.map((warning) => `${warning.path}: ${warning.message}`),
  };
}

function readConfig(bundle: string): string {
  const file = join(bundle, 'config.json');
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`JSON specification file ${file} not found`);
    throw error;
  }
}
