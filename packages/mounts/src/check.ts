import type { Config, Issue, Mount } from '@oci/spec';
import type { ContainerCgroups } from './context.ts';
import { needsMountCall } from './file-system.ts';
import { ownsMounts } from './namespaces.ts';
import { mountOption, type ParsedOptions, parseOptions } from './options.ts';
import { insideRoot } from './paths.ts';
import { coversProc } from './procfs.ts';

/** What checks know besides the config. */
export interface MountsCheckContext {
  readonly noPivot?: boolean;
  /** The runtime has no privileges over the host's mounts. */
  readonly rootless?: boolean;
  /** SELinux is in use on this host. */
  readonly selinux?: boolean;
  /** Mounts of type `cgroup` can be made. */
  readonly cgroups?: Pick<ContainerCgroups, 'layout'> | undefined;
}

const MOST_CHARACTERS = 0xffff;

type Report = (path: string, message: string) => void;

/** mount(2) takes a page of data, with its NUL. */
const MOUNT_DATA = 4095;

/**
 * What this package finds wrong with a config or cannot do on this host. Everything else that
 * `checkConfig` of `@oci/spec` lets pass, it does.
 */
export function checkMounts(config: Config, context: MountsCheckContext = {}): Issue[] {
  const issues: Issue[] = [];
  const report: Report = (path, message) => issues.push({ path, message });
  if (!ownsMounts(config)) checkShared(config, report);
  checkLinux(config, context, report);
  checkConsole(config, report);
  for (const [index, mount] of (config.mounts ?? []).entries())
    checkMount(mount, `mounts[${index}]`, context, report);
  return issues;
}

/**
 * Without a mount namespace of its own a container is only put into its rootfs: what was mounted for
 * it would stay when it is gone.
 */
function checkShared({ root, mounts = [], linux = {}, process }: Config, report: Report): void {
  const needs = 'needs a new mount namespace';
  if (mounts.length > 0) report('mounts', needs);
  if (root?.readonly) report('root.readonly', needs);
  if (process?.terminal) report('process.terminal', `${needs}, for its /dev/console`);
  if (linux.rootfsPropagation) report('linux.rootfsPropagation', needs);
  for (const key of ['maskedPaths', 'readonlyPaths'] as const)
    if ((linux[key] ?? []).length > 0) report(`linux.${key}`, needs);
  if (linux.namespaces?.some(({ type }) => type === 'user'))
    report('linux.namespaces', 'a user namespace needs a new mount namespace, for its devices');
}

function checkLinux({ linux = {} }: Config, context: MountsCheckContext, report: Report): void {
  if (linux.mountLabel && !context.selinux)
    report('linux.mountLabel', 'needs SELinux, which is not in use here');
  if (context.noPivot && /^r?private$/.test(linux.rootfsPropagation ?? ''))
    report('linux.rootfsPropagation', 'is not safe without pivot_root');
  for (const key of ['maskedPaths', 'readonlyPaths'] as const)
    for (const [index, path] of (linux[key] ?? []).entries())
      if (!path.startsWith('/')) report(`linux.${key}[${index}]`, 'must be an absolute path');
}

/** `struct winsize` has 16 bits for each (ioctl_tty(2)). Without a terminal the size is ignored. */
function checkConsole({ process }: Config, report: Report): void {
  const { terminal, consoleSize } = process ?? {};
  if (!terminal || !consoleSize) return;
  for (const key of ['height', 'width'] as const)
    if (consoleSize[key] > MOST_CHARACTERS)
      report(`process.consoleSize.${key}`, `must be at most ${MOST_CHARACTERS}`);
}

function checkMount(mount: Mount, at: string, context: MountsCheckContext, report: Report): void {
  const path = insideRoot(mount.destination);
  const options = parseOptions(mount.options ?? []);
  if (path === '') report(`${at}.destination`, 'must not be the root itself');
  if (coversProc(path)) report(`${at}.destination`, 'must not cover what is in /proc');
  for (const [index, option] of (mount.options ?? []).entries()) {
    const problem = optionProblem(option, mount, options, context);
    if (problem) report(`${at}.options[${index}]`, `${option}: ${problem}`);
  }
  checkMappings(mount, options, at, context, report);
  if (options.bind === undefined) checkFileSystem(mount, options, path, at, context, report);
}

/** Why an option is not for this mount. */
function optionProblem(
  option: string,
  mount: Mount,
  { bind, remount }: ParsedOptions,
  { rootless }: MountsCheckContext,
): string | undefined {
  const known = mountOption(option);
  const isBind = bind !== undefined;
  if (known === undefined)
    return isBind ? 'is an option of a file system, which a bind mount cannot take' : undefined;
  const afresh = !remount;
  if (known.copyUp && (isBind || mount.type !== 'tmpfs' || remount)) return 'is for a new tmpfs';
  if (known.idMap && !(isBind && afresh)) return 'is for bind mounts';
  if (known.idMap && rootless) return 'needs privileges over the file system';
  if (known.noFollow && !(isBind && afresh)) return 'is for bind mounts';
  return undefined;
}

function checkMappings(
  mount: Mount,
  { bind, remount, idMap }: ParsedOptions,
  at: string,
  { rootless }: MountsCheckContext,
  report: Report,
): void {
  // With the option, that was reported.
  if (idMap !== undefined) return;
  for (const key of ['uidMappings', 'gidMappings'] as const) {
    if ((mount[key] ?? []).length === 0) continue;
    if (bind === undefined || remount) report(`${at}.${key}`, 'is for bind mounts');
    else if (rootless) report(`${at}.${key}`, 'needs privileges over the file system');
  }
}

function checkFileSystem(
  mount: Mount,
  options: ParsedOptions,
  path: string,
  at: string,
  { cgroups }: MountsCheckContext,
  report: Report,
): void {
  const { type = '', source } = mount;
  if (type === '' && !options.remount)
    report(`${at}.type`, 'is required unless options has bind or rbind');
  else if (type === 'bind' && !options.remount) report(`${at}.options`, 'needs bind or rbind');
  else if (type === 'cgroup' && !cgroups) report(`${at}.type`, 'there are no cgroups to mount');
  else if (type === 'cgroup' && cgroups?.layout.kind !== 'unified' && options.data.length > 0)
    report(`${at}.options`, 'has some of a file system, which cgroup version 1 does not take');
  if (path === 'proc' && type !== 'proc')
    report(`${at}.type`, 'only a procfs may be mounted on /proc');
  if (!needsMountCall({ type, source, options })) return;
  if (options.copyUp)
    report(`${at}.options`, 'tmpcopyup goes with neither iversion, acl nor values over 255 bytes');
  const length = options.data.reduce(
    (sum, { key, value = '' }) => sum + key.length + value.length + 2,
    0,
  );
  if (length > MOUNT_DATA)
    report(`${at}.options`, `are longer than the ${MOUNT_DATA} bytes that mount(2) takes`);
}
