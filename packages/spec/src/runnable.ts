import type { ConfigCheckOptions } from './checks/config.ts';
import { releaseOf, supportedMajor } from './checks/version.ts';
import type { Config } from './config/config.ts';
import type { Process } from './config/process.ts';
import type { Root } from './config/root.ts';
import { collect, type Report, SpecError } from './errors.ts';

/** A config with all that a Linux runtime needs to start it. */
export interface RunnableConfig extends Config {
  readonly root: Root;
  readonly process: RunnableProcess;
}

export interface RunnableProcess extends Process {
  readonly args: string[];
}

/**
 * Demands what `config.md` leaves to the platform and to `start`: `root` (required on all platforms
 * but Windows), `process` with `args`, a supported `ociVersion`, and a network namespace for
 * `linux.netDevices`. Apart from {@link checkConfig}, because the specification's own minimal
 * examples lack some of these and are valid.
 *
 * @throws SpecError with all issues.
 */
export function requireRunnable(config: Config): RunnableConfig {
  const issues = collect((report) => checkRunnable(config, report));
  if (issues.length > 0) throw new SpecError('config.json', issues);
  return completed(config);
}

/** The rules of {@link requireRunnable}. */
export function checkRunnable(
  { ociVersion, root, process, linux }: Config,
  report: Report,
  { namespacesKnown }: ConfigCheckOptions = { namespacesKnown: true },
): void {
  if (releaseOf(ociVersion)?.[0] !== supportedMajor) {
    report('ociVersion', `${ociVersion} is not supported, only ${supportedMajor}.x is`);
  }
  if (root === undefined) report('root', 'is required on Linux');
  if (process === undefined) report('process', 'is required to start a container');
  else if ((process.args ?? []).length === 0) {
    report('process.args', 'must have at least one entry');
  }
  const movesDevices = namespacesKnown && Object.keys(linux?.netDevices ?? {}).length > 0;
  if (movesDevices && !linux?.namespaces?.some(({ type }) => type === 'network')) {
    report('linux.netDevices', 'needs a network namespace');
  }
}

/** With what it lacks made up. */
export function completed(config: Config): RunnableConfig {
  const { root = { path: '' }, process = { cwd: '/' } } = config;
  return { ...config, root, process: { ...process, args: process.args ?? [] } };
}
