import type { Config, Issue, Mount } from '@oci/spec';
import { needsMountCall } from './file-system.ts';
import { mountOption, parseOptions } from './options.ts';
import { insideRoot } from './paths.ts';
import { coversProc } from './procfs.ts';

type Report = (path: string, message: string) => void;

/** mount(2) takes a page of data, with its NUL. */
const MOUNT_DATA = 4095;

/**
 * What this package finds wrong with a config or cannot do yet. Everything else that
 * `checkConfig` of `@oci/spec` lets pass, it does.
 */
export function checkMounts(config: Config, { noPivot = false } = {}): Issue[] {
  const issues: Issue[] = [];
  const report: Report = (path, message) => issues.push({ path, message });
  checkNamespaces(config, report);
  checkLinux(config, noPivot, report);
  for (const [index, mount] of (config.mounts ?? []).entries())
    checkMount(mount, `mounts[${index}]`, report);
  return issues;
}

function checkNamespaces({ linux }: Config, report: Report): void {
  const namespaces = linux?.namespaces ?? [];
  const index = namespaces.findIndex(({ type }) => type === 'mount');
  if (index < 0) report('linux.namespaces', 'needs an entry of type mount');
  else if (namespaces[index]?.path)
    report(`linux.namespaces[${index}].path`, 'joining a mount namespace is not supported yet');
}

function checkLinux({ linux = {} }: Config, noPivot: boolean, report: Report): void {
  if (linux.mountLabel) report('linux.mountLabel', 'SELinux labels are not supported yet');
  if (noPivot && /^r?private$/.test(linux.rootfsPropagation ?? ''))
    report('linux.rootfsPropagation', 'is not safe without pivot_root');
  for (const key of ['maskedPaths', 'readonlyPaths'] as const)
    for (const [index, path] of (linux[key] ?? []).entries())
      if (!path.startsWith('/')) report(`linux.${key}[${index}]`, 'must be an absolute path');
}

function checkMount(mount: Mount, at: string, report: Report): void {
  const path = insideRoot(mount.destination);
  const options = parseOptions(mount.options ?? []);
  if (path === '') report(`${at}.destination`, 'must not be the root itself');
  if (coversProc(path)) report(`${at}.destination`, 'must not cover what is in /proc');
  for (const key of ['uidMappings', 'gidMappings'] as const)
    if ((mount[key] ?? []).length > 0)
      report(`${at}.${key}`, 'mounts with mapped ids are not supported yet');
  checkOptions(mount.options ?? [], options.bind !== undefined, at, report);
  if (options.bind === undefined) checkFileSystem(mount, path, at, report);
}

function checkOptions(options: readonly string[], bind: boolean, at: string, report: Report): void {
  for (const [index, option] of options.entries()) {
    const known = mountOption(option);
    const problem = known
      ? known.refused
      : bind
        ? 'is an option of a file system, which a bind mount cannot take'
        : undefined;
    if (problem) report(`${at}.options[${index}]`, `${option}: ${problem}`);
  }
}

function checkFileSystem(mount: Mount, path: string, at: string, report: Report): void {
  const { type = '', source } = mount;
  const options = parseOptions(mount.options ?? []);
  if (type === '') report(`${at}.type`, 'is required unless options has bind or rbind');
  else if (type === 'bind') report(`${at}.options`, 'needs bind or rbind');
  // Here cgroups will come in: a cgroup2 mount, or on cgroup v1 a tmpfs with binds in it.
  else if (type === 'cgroup') report(`${at}.type`, 'cgroup mounts are not supported yet');
  if (path === 'proc' && type !== 'proc')
    report(`${at}.type`, 'only a procfs may be mounted on /proc');
  const length = options.data.reduce(
    (sum, { key, value = '' }) => sum + key.length + value.length + 2,
    0,
  );
  if (needsMountCall({ type, source, options }) && length > MOUNT_DATA)
    report(`${at}.options`, `are longer than the ${MOUNT_DATA} bytes that mount(2) takes`);
}
