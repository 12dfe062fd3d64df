import { isAbsolute, join, resolve } from 'node:path';
import { checkMounts } from '@oci/mounts';
import {
  allowsGroups,
  checkNamespaces,
  findMappingTools,
  type MappingTools,
} from '@oci/namespaces';
import { checkProcess, readSecurityModules, withNotifySocket } from '@oci/process';
import { checkRdt } from '@oci/rdt';
import {
  type CompiledProfile,
  checkLoading,
  type FilterCache,
  type CompileOptions as FilterOptions,
  nativeArchitecture,
} from '@oci/seccomp';
import {
  type ExaminedConfig,
  elsewhere,
  examineConfig,
  type Issue,
  type RunnableConfig,
  SpecError,
} from '@oci/spec';
import { cgroupWarnings, checkCgroupDriver, type DriverOptions } from './cgroup-driver.ts';
import type { Host } from './host.ts';
import type { Service } from './service.ts';
import { checkSupported } from './unsupported.ts';

/** A bundle that this runtime can start on this host. */
export interface Bundle {
  readonly config: RunnableConfig;
  /** Absolute paths. */
  readonly path: string;
  readonly rootfs: string;
  /** What of the config will not be so, and does not have to be. */
  readonly warnings: readonly string[];
  /** What maps ids that an ordinary user may not map himself. */
  readonly mappingTools: MappingTools;
  /** `linux.seccomp`, compiled. */
  readonly filter?: CompiledProfile;
}

export interface BundleOptions extends DriverOptions, Service {
  readonly noPivot: boolean;
  /** The launcher is to be a file. */
  readonly kept?: boolean;
}

/**
 * Checks a bundle (bundle.md).
 *
 * @param text what is in its config.json
 * @param filters finds the filter of its seccomp profile
 * @throws SpecError with all that is wrong, each by its JSON path
 */
export function checkBundle(
  bundle: string,
  text: string,
  host: Host,
  options: BundleOptions,
  filters: FilterCache,
): Bundle {
  const path = resolve(bundle);
  const { config, issues: invalid } = readConfig(text, options);
  const lsm = readSecurityModules(config);
  const profile = config.linux?.seccomp;
  const mappingTools = findMappingTools(config, host, host.path);
  const setgroups = allowsGroups(config, host);
  const processFindings = checkProcess(config, { ...host, setgroups, lsm });
  const impossible = [
    ...checkSupported(config),
    ...(options.kept ? checkKept(config) : []),
    ...checkNamespaces(config, { ...host, mappingTools }),
    ...checkMounts(config, { ...host, ...options, ...lsm, cgroups: { layout: host.cgroupLayout } }),
    ...checkCgroupDriver(config, host, options),
    ...checkRdt(config),
    ...(profile ? checkLoading(profile) : []),
    ...processFindings.issues,
  ];
  const issues = [...invalid, ...elsewhere(invalid, impossible)];
  if (issues.length > 0) throw new SpecError('config.json', issues);
  const filter = profile && filters.compile(profile, seccompOptions(host));
  const warnings = [
    ...processFindings.warnings,
    ...cgroupWarnings(config, host, options),
    ...(filter?.skipped ?? []).map(({ path, name }) => ({
      path,
      message: `no system call is called ${name}`,
    })),
  ];
  return {
    config,
    path,
    rootfs: isAbsolute(config.root.path) ? config.root.path : join(path, config.root.path),
    warnings: warnings.map((warning) => `${warning.path}: ${warning.message}`),
    mappingTools,
    ...(filter && { filter }),
  };
}

/**
 * A program such as `#!/proc/self/exe` executes the launcher again, inside of the container, where
 * processes that see it could write to its file (CVE-2019-5736). The command and the library execute
 * launchers from sealed memory, that has no file.
 */
function checkKept({ linux }: RunnableConfig): Issue[] {
  const namespaces = linux?.namespaces ?? [];
  if (namespaces.some(({ type, path }) => type === 'pid' && path === undefined)) return [];
  const message =
    'a launcher that is kept in a file needs a new PID namespace: others could change it';
  return [{ path: 'linux.namespaces', message }];
}

function readConfig(text: string, { notifySocket }: Service): ExaminedConfig {
  const { config, issues } = examineConfig(text);
  if (notifySocket === undefined) return { config, issues };
  return { config: withNotifySocket(config, notifySocket), issues };
}

/** Calls that are newer than the profile are answered as runc answers them. */
function seccompOptions({ architecture }: Host): FilterOptions {
  return { architecture: nativeArchitecture(architecture), newerCalls: 'ENOSYS' };
}
