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
 * Checks a bundle (bundle.md).
 *
 * @param text what is in its config.json
 * @throws SpecError with all that is wrong, each by its JSON path
 */
export function checkBundle(
  bundle: string,
  text: string,
  host: Host,
  options: { readonly noPivot: boolean },
): Bundle {
  const path = resolve(bundle);
  const config = requireRunnable(parseConfig(text));
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
