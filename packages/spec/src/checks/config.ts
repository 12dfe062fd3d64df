import type { Config } from '../config/config.ts';
import type { Linux } from '../config/linux/linux.ts';
import type { Report } from '../errors.ts';
import { checkAnnotations } from './annotations.ts';
import { checkDevices } from './devices.ts';
import { checkHooks } from './hooks.ts';
import { checkMappings, checkUserMappings } from './id-mappings.ts';
import { checkIntelRdt } from './intel-rdt.ts';
import { checkMemoryPolicy } from './memory-policy.ts';
import { checkMounts } from './mounts.ts';
import {
  checkNamespaced,
  checkNamespaces,
  checkNetDevices,
  checkTimeOffsets,
  OwnNamespaces,
} from './namespaces.ts';
import { checkProcessRules } from './process.ts';
import { checkResources } from './resources.ts';
import { checkSeccomp } from './seccomp.ts';
import { checkSysctl } from './sysctl.ts';
import { checkVersion } from './version.ts';

/** The kernel's __NEW_UTS_LEN. */
const maxNameBytes = 64;

export interface ConfigCheckOptions {
  /** False where `linux.namespaces` itself is broken: then nothing is said about a lack of one. */
  readonly namespacesKnown: boolean;
}

/** Everything that a schema cannot say. A config for another platform is only checked in general. */
export function checkConfigRules(
  config: Config,
  report: Report,
  { namespacesKnown }: ConfigCheckOptions = { namespacesKnown: true },
): void {
  checkVersion(config.ociVersion, 'ociVersion', report);
  checkAnnotations(config.annotations, report);
  if (config.hooks !== undefined) checkHooks(config.hooks, report);
  if (config.root?.path === '') report('root.path', 'must not be empty');
  if (isForAnotherPlatform(config)) return;

  const namespaces = config.linux?.namespaces ?? [];
  const own = namespacesKnown ? new OwnNamespaces(namespaces) : undefined;
  if (config.process !== undefined) checkProcessRules(config.process, 'process.', report);
  checkMounts(config.mounts ?? [], own, report);
  checkName('hostname', config.hostname, own, report);
  checkName('domainname', config.domainname, own, report);
  checkNamespaces(namespaces, report);
  if (config.linux !== undefined) checkLinux(config.linux, own, report);
}

function isForAnotherPlatform(config: Config): boolean {
  const { linux, freebsd, solaris, windows, zos } = config;
  return linux === undefined && [freebsd, solaris, windows, zos].some((it) => it !== undefined);
}

function checkName(
  key: 'hostname' | 'domainname',
  name: string | undefined,
  own: OwnNamespaces | undefined,
  report: Report,
): void {
  if (name === undefined || name === '') return;
  if (Buffer.byteLength(name) > maxNameBytes) {
    report(key, `must not be longer than ${maxNameBytes} bytes`);
  }
  if (own?.has('uts') === false) report(key, 'needs a uts namespace');
}

function checkLinux(linux: Linux, own: OwnNamespaces | undefined, report: Report): void {
  checkMappings(linux.uidMappings, 'linux.uidMappings', report);
  checkMappings(linux.gidMappings, 'linux.gidMappings', report);
  checkAbsolute(linux, 'maskedPaths', report);
  checkAbsolute(linux, 'readonlyPaths', report);
  if (own !== undefined) {
    checkUserMappings(linux, own, report);
    checkNamespaced(linux, own, report);
    if (linux.sysctl !== undefined) checkSysctl(linux.sysctl, own, report);
  }
  if (linux.timeOffsets !== undefined) checkTimeOffsets(linux.timeOffsets, report);
  if (linux.netDevices !== undefined) checkNetDevices(linux.netDevices, report);
  if (linux.devices !== undefined) checkDevices(linux.devices, report);
  if (linux.resources !== undefined) checkResources(linux.resources, report);
  if (linux.seccomp !== undefined) checkSeccomp(linux.seccomp, report);
  if (linux.intelRdt !== undefined) checkIntelRdt(linux.intelRdt, report);
  if (linux.memoryPolicy !== undefined) checkMemoryPolicy(linux.memoryPolicy, report);
}

function checkAbsolute(linux: Linux, key: 'maskedPaths' | 'readonlyPaths', report: Report): void {
  for (const [i, path] of (linux[key] ?? []).entries()) {
    if (!path.startsWith('/')) report(`linux.${key}[${i}]`, 'must be an absolute path');
  }
}
