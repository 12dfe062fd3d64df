import { type Config, type Issue, member, type Resources } from '@oci/spec';
import type { CgroupsContext } from './context.ts';
import { checkDeviceList, checkDeviceNumbers, deviceSettings } from './devices/index.ts';
import { hierarchyOf, type Layout } from './layout.ts';
import { cgroupPath, checkCgroupPath } from './path.ts';
import { resourceSettings } from './resources.ts';
import type { Setting } from './setting.ts';
import { delegatee } from './stages/delegate.ts';
import type { CgroupPlan } from './stages/make.ts';

/** What of a valid config this host has no cgroups for. What makes it invalid is told by `@oci/spec`. */
export function checkCgroups(
  config: Config,
  { layout, rootless = false }: Pick<CgroupsContext, 'layout'> & { readonly rootless?: boolean },
): Issue[] {
  const resources = config.linux?.resources ?? {};
  return [
    ...checkCgroupPath(config),
    ...resourceSettings(resources, layout).issues,
    ...checkDeviceNumbers(config),
    ...(rootless ? [] : checkDevices(config, layout)),
    ...checkThawed(resources),
  ];
}

/** A container that is frozen from its beginning never comes to its start. */
function checkThawed({ unified = {} }: Resources): Issue[] {
  const file = 'cgroup.freeze';
  if ((unified[file] ?? '0').trim() === '0') return [];
  const path = member('linux.resources.unified', file);
  return [{ path, message: 'must not freeze a container before it is started' }];
}

/** Device rules that the devices cgroup of version 1 cannot have. Version 2 can have all. */
export function checkDevices(config: Pick<Config, 'linux'>, layout: Layout): Issue[] {
  if (layout.kind === 'unified') return [];
  if (hasDevices(layout)) return checkDeviceList(config);
  if ((config.linux?.resources?.devices ?? []).length === 0) return [];
  const path = 'linux.resources.devices';
  return [{ path, message: 'needs the cgroup controller devices, which is not there' }];
}

/**
 * The cgroup that a config asks for. `undefined` where there are no cgroups, and for a caller without
 * privileges who asks for none: it could rarely make one, and runc goes on without, too. Device rules
 * are nothing that such a caller could ask for, though every config has them: it cannot make nodes.
 */
export function cgroupPlan(config: Config, context: CgroupsContext): CgroupPlan | undefined {
  const { layout, rootless, containerId } = context;
  const { cgroupsPath = '', resources = {} } = config.linux ?? {};
  const limits = resourceSettings(resources, layout).settings;
  if (rootless && cgroupsPath === '' && limits.length === 0) return undefined;
  if (layout.hierarchies.length === 0 && !layout.unified) return undefined;
  const owner = delegatee(config, layout);
  return {
    layout,
    legacy: layout.hierarchies,
    ...(layout.unified && usesUnified(layout, limits) ? { unified: layout.unified } : {}),
    cgroup: cgroupPath(config, layout, containerId),
    ...(cgroupsPath === '' ? {} : { claimed: layout.hierarchies[0] ?? layout.unified }),
    settings: [...limits, ...(hasDevices(layout) && !rootless ? deviceSettings(config) : [])],
    ...(layout.kind === 'unified' ? { devices: config } : {}),
    rootless,
    ...(owner === undefined ? {} : { owner }),
  };
}

/**
 * Beside version 1, version 2 mostly has no controllers, and systemd tells by it what belongs to a
 * service. Where nobody does, and no limit is there, a cgroup in it would only cost time.
 */
function usesUnified({ kind, unified, tracked }: Layout, limits: readonly Setting[]): boolean {
  const isLimited = limits.some(({ controller }) => unified?.controllers.includes(controller));
  return kind === 'unified' || tracked === true || isLimited;
}

function hasDevices(layout: Layout): boolean {
  return hierarchyOf(layout, 'devices') !== undefined;
}
