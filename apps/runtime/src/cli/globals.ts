import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LogFormat } from '../log/format.ts';
import { failedWith } from '../store/errors.ts';

/** The options before the command. */
export interface GlobalOptions {
  /** The root directory, absolute; without one the user's default. */
  readonly root?: string;
  /** The log file, absolute. */
  readonly log?: string;
  readonly logFormat: LogFormat;
  readonly debug: boolean;
  readonly systemdCgroup: boolean;
  readonly rootless: Rootless;
}

type Rootless = 'auto' | 'true' | 'false';

interface RawGlobals {
  root?: string;
  log?: string;
  logFormat: string;
  debug: boolean;
  systemdCgroup: boolean;
  rootless: string;
}

export function addGlobalOptions(program: Command): void {
  program
    .option('--debug', 'enable debug logging', false)
    .option('--log <file>', 'set the log file (default: standard error)')
    .option('--log-format <format>', "set the log format ('text' or 'json')", 'text')
    .option('--root <dir>', 'root directory for storage of container state')
    .option('--systemd-cgroup', 'enable systemd cgroup support (not yet)', false)
    .option(
      '--rootless <value>',
      "ignore cgroup permission errors ('true', 'false' or 'auto')",
      'auto',
    );
}

/** @throws Error for values that mean nothing. */
export function readGlobals(program: Command): GlobalOptions {
  const { root, log, logFormat, debug, systemdCgroup, rootless } = program.opts<RawGlobals>();
  if (!isLogFormat(logFormat)) throw new Error(`invalid log-format: ${logFormat}`);
  if (!isRootless(rootless)) throw new Error(`invalid rootless value: ${rootless}`);
  return {
    ...(root !== undefined && { root: absolute('--root', root) }),
    ...(log !== undefined && { log: absolute('--log', log) }),
    logFormat,
    debug,
    systemdCgroup,
    rootless,
  };
}

/** What can be told of logging when the options as a whole are wrong. */
export function readLogOptions(program: Command): GlobalOptions {
  const { log, logFormat, debug } = program.opts<RawGlobals>();
  return {
    ...(log && { log: absolute('--log', log) }),
    logFormat: isLogFormat(logFormat) ? logFormat : 'text',
    debug,
    systemdCgroup: false,
    rootless: 'auto',
  };
}

/**
 * Refuses to start containers with options that would have to be honoured. Other commands do not
 * depend on them.
 */
export function refuseUnsupported({ systemdCgroup, rootless }: GlobalOptions): void {
  if (systemdCgroup) throw new Error('--systemd-cgroup: cgroups are not supported yet');
  if (rootless !== 'auto') {
    throw new Error(`--rootless ${rootless}: cgroups are not supported yet, only 'auto' is`);
  }
}

/** @throws Error for an empty path, or when the working directory is gone. */
export function absolute(option: string, path: string): string {
  if (path === '') throw new Error(`${option} needs a path`);
  try {
    return resolve(path);
  } catch (error) {
    if (failedWith(error, 'ENOENT')) throw new Error('the working directory does not exist');
    throw error;
  }
}

function isLogFormat(value: string): value is LogFormat {
  return value === 'text' || value === 'json';
}

function isRootless(value: string): value is Rootless {
  return value === 'auto' || value === 'true' || value === 'false';
}
