import { type Command, InvalidArgumentError } from 'commander';
import type { CompileOptions } from '../compile.ts';
import { absolute, type GlobalOptions } from './globals.ts';

/** The options of every command that compiles a bundle, as commander gives them. */
export interface BundleOptions {
  /** False with --no-pivot; likewise the others with `no-` in their names. */
  readonly pivot: boolean;
  readonly newKeyring: boolean;
  readonly preserveFds: number;
  readonly sequential: boolean;
  /** Only where a container is run. */
  readonly detach?: boolean;
  readonly keep?: boolean;
  readonly subreaper?: boolean;
}

export function addBundleOptions(command: Command): Command {
  return command
    .option('--no-pivot', 'do not use pivot root to jail process inside rootfs')
    .option('--no-new-keyring', 'do not create a new session keyring for the container')
    .option('--preserve-fds <n>', 'pass N additional file descriptors to the container', count, 0)
    .option(
      '--sequential',
      'run all stages in one sequence, to measure what running them at once gains',
      false,
    );
}

/** Options of commands whose launcher stays with the container until it ends. */
export function addRunOptions(command: Command): Command {
  return command
    .option('-d, --detach', "detach from the container's process", false)
    .option('--keep', 'do not delete the container after it exits', false)
    .option('--no-subreaper', "do not adopt and reap the container's orphans");
}

export function compileOptions(
  mode: CompileOptions['mode'],
  bundle: string,
  options: BundleOptions,
  { logFormat, cgroupManager, rootless }: GlobalOptions,
  id?: string,
): CompileOptions {
  return {
    bundle: absolute('--bundle', bundle),
    mode,
    detach: options.detach ?? false,
    keep: options.keep ?? false,
    noPivot: !options.pivot,
    newKeyring: options.newKeyring,
    preserveFds: options.preserveFds,
    subreaper: options.subreaper ?? false,
    sequential: options.sequential,
    logFormat,
    cgroupManager,
    ...(rootless !== 'auto' && { rootless }),
    // Else the launcher is good for any id.
    ...(cgroupManager === 'systemd' && id !== undefined && { id }),
  };
}

function count(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError('it must be a whole number, not below zero.');
  }
  return number;
}
