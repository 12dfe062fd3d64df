import { LiveKernel } from '@oci/kernel/live';
import { type Issue, type Resources, SpecError } from '@oci/spec';
import {
  attachDeviceProgram,
  changesDefault,
  checkDeviceNumbers,
  deviceChanges,
  inverseOf,
} from '../devices/index.ts';
import type { Layout } from '../layout.ts';
import { checkDevices } from '../plan.ts';
import { resourceSettings } from '../resources.ts';
import { hasFilesOf, type Setting, settingsIn } from '../setting.ts';
import { openDirectory } from '../stages/make.ts';
import { complete } from './complete.ts';
import { missing } from './errors.ts';
import { CgroupFiles } from './files.ts';
import { filesOf, isThere, type Member, memberOf, unifiedOf } from './members.ts';
import { updateSettings } from './write.ts';

/**
 * Changes the limits of a cgroup. What can be known to be wrong is found before anything is written,
 * and what was written before the kernel refuses something is set back where that can be done.
 *
 * @returns what was changed, with what it depends on
 */
export function updateCgroup(
  members: readonly Member[],
  layout: Layout,
  given: Resources,
): Resources {
  if (!members.some(isThere)) throw missing();
  const resources = complete(given, (controller) => filesOf(members, controller));
  const { settings, issues } = resourceSettings(resources, layout);
  const devices = deviceUpdate(members, resources, layout);
  refuse([...issues, ...devices.issues]);
  refuse([...usedUp(members, resources), ...absent(members, settings)]);
  const kernel = new LiveKernel();
  kernel.transaction(() => {
    for (const { hierarchy, directory } of members) {
      const own = settingsIn(hierarchy, settings);
      if (own.length > 0) updateSettings(kernel, directory, own);
    }
    devices.apply(kernel);
  });
  return resources;
}

export function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new SpecError('cgroup', issues);
}

/** Settings for hierarchies that it was not made in. */
function absent(members: readonly Member[], settings: readonly Setting[]): Issue[] {
  const without = members.filter((member) => !isThere(member));
  const lost = settings.filter(({ controller }) =>
    without.some(({ hierarchy }) => hasFilesOf(hierarchy, controller)),
  );
  const controllers = new Map(lost.map(({ path, controller }) => [path, controller]));
  return [...controllers].map(([path, controller]) => ({
    path,
    message: `it has no cgroup of ${controller}`,
  }));
}

/** config-linux.md, checkBeforeUpdate: version 2 would kill processes, version 1 refuses. */
function usedUp(members: readonly Member[], { memory = {} }: Resources): Issue[] {
  const { limit, checkBeforeUpdate } = memory;
  if (!checkBeforeUpdate || limit === undefined || Number(limit) <= 0) return [];
  const usage = filesOf(members, 'memory')?.number('memory.current');
  if (usage === undefined || Number(limit) >= usage) return [];
  const message = `is below the ${usage} bytes that are in use`;
  return [{ path: 'linux.resources.memory.limit', message }];
}

interface DeviceUpdate {
  readonly issues: readonly Issue[];
  apply(kernel: LiveKernel): void;
}

/** What an update of device rules takes: writes on version 1, a program on version 2. */
function deviceUpdate(
  members: readonly Member[],
  resources: Resources,
  layout: Layout,
): DeviceUpdate {
  const config = { linux: { resources } };
  const legacy = memberOf(members, 'devices');
  const unified = unifiedOf(members);
  const issues = [...checkDeviceNumbers(config), ...checkDevices(config, layout)];
  if (resources.devices === undefined || issues.length > 0) return { issues, apply: () => {} };
  if (!legacy) return { issues, apply: (kernel) => unified && attach(kernel, unified, config) };
  const files = new CgroupFiles(legacy.directory);
  const changes = deviceChanges(config, files.text('devices.list') ?? '');
  const path = 'linux.resources.devices';
  const message =
    'cgroup v1 cannot change whether devices are allowed by default while there are cgroups below';
  return {
    issues: changesDefault(changes) && files.children().length > 0 ? [{ path, message }] : [],
    apply: (kernel) =>
      updateSettings(kernel, legacy.directory, changes, (_, setting) => inverseOf(setting)),
  };
}

function attach(
  kernel: LiveKernel,
  { directory }: Member,
  config: Parameters<typeof attachDeviceProgram>[2],
): void {
  const fd = openDirectory(kernel, directory);
  try {
    attachDeviceProgram(kernel, fd, config);
  } finally {
    kernel.close(fd);
  }
}
