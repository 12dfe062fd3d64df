import { resolve } from 'node:path';
import { failedWith } from '@oci/kernel';
import type { Command } from 'commander';
import { type CgroupManager, cgroupManagers } from '../cgroup-manager.ts';
import type { Rootless } from '../host.ts';
import type { LogFormat } from '../log/format.ts';

/** The options before the command. */
export interface GlobalOptions {
  /** The root directory, absolute; without one the user's default. */
  readonly root?: string;
  /** The log file, absolute. */
  readonly log?: string;
  readonly logFormat: LogFormat;
  readonly debug: boolean;
  readonly cgroupManager: CgroupManager;
  readonly rootless: Rootless;
}

interface RawGlobals {
  root?: string;
  log?: string;
  logFormat: string;
  debug: boolean;
  systemdCgroup: boolean;
  cgroupManager: string;
  rootless: string;
}

export function addGlobalOptions(program: Command): void {
  program
    .option('--debug', 'enable debug logging', false)
    .option('--log <file>', 'set the log file (default: standard error)')
    .option('--log-format <format>', "set the log format ('text' or 'json')", 'text')
    .option('--root <dir>', 'root directory for storage of container state')
    .option(
      '--systemd-cgroup',
      'have systemd make cgroups: cgroupsPath is slice:prefix:name',
      false,
    )
    .option(
      '--cgroup-manager <manager>',
      "who makes cgroups: 'cgroupfs', 'systemd' or 'disabled'",
      'cgroupfs',
    )
    .option(
      '--rootless <value>',
      "ignore cgroup permission errors ('true', 'false' or 'auto')",
      'auto',
    );
}

/** @throws Error for values that mean nothing. */
export function readGlobals(program: Command): GlobalOptions {
  const { root, log, logFormat, debug, systemdCgroup, cgroupManager, rootless } =
    program.opts<RawGlobals>();
  if (!isLogFormat(logFormat)) throw new Error(`invalid log-format: ${logFormat}`);
  if (!isRootless(rootless)) throw new Error(`invalid rootless value: ${rootless}`);
  if (!isCgroupManager(cgroupManager)) throw new Error(`invalid cgroup-manager: ${cgroupManager}`);
  const chosen = program.getOptionValueSource('cgroupManager') === 'cli';
  if (systemdCgroup && chosen && cgroupManager !== 'systemd')
    throw new Error(`--systemd-cgroup contradicts --cgroup-manager ${cgroupManager}`);
  return {
    ...(root !== undefined && { root: absolute('--root', root) }),
    ...(log !== undefined && { log: absolute('--log', log) }),
    logFormat,
    debug,
    cgroupManager: systemdCgroup ? 'systemd' : cgroupManager,
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
    cgroupManager: 'cgroupfs',
    rootless: 'auto',
  };
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

function isCgroupManager(value: string): value is CgroupManager {
  return cgroupManagers.some((manager) => manager === value);
}
