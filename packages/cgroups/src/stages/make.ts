import {
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  type Text,
  text,
} from '@oci/kernel';
import type { Config } from '@oci/spec';
import { attachDeviceProgram } from '../devices/index.ts';
import type { Hierarchy, Layout } from '../layout.ts';
import type { CgroupPath } from '../path.ts';
import { type Setting, settingsIn } from '../setting.ts';
import { withFile } from '../with-file.ts';
import { writeSettings } from '../write-settings.ts';
import { inheritCpuset } from './cpuset.ts';
import { delegate } from './delegate.ts';
import { makeDirectories } from './directories.ts';
import { enableControllers } from './enable.ts';
import { requireUnused } from './unused.ts';

/** A cgroup to make, with everything that it is to have before a process is in it. */
export interface CgroupPlan {
  readonly layout: Layout;
  /** Those of version 1 that it is made in. */
  readonly legacy: readonly Hierarchy[];
  /** That of version 2, where it is made there. */
  readonly unified?: Hierarchy;
  readonly cgroup: CgroupPath;
  /** The hierarchy that it is locked in, so that no other start uses it; the config names it. */
  readonly claimed?: Hierarchy;
  /** All of them; each goes to the hierarchy of its controller. */
  readonly settings: readonly Setting[];
  /** Where device rules are a program: version 2. */
  readonly devices?: Pick<Config, 'linux'>;
  /** Who it is handed over to. */
  readonly owner?: number;
  /** The container is in it already, in some hierarchies: somebody else has put it there. */
  readonly occupied?: boolean;
  /** Goes on without a device program where that is not permitted. */
  readonly rootless: boolean;
}

/** Makes the cgroup in a hierarchy of version 1. The result is its `tasks`, open for joining. */
export function makeLegacy(k: Kernel, hierarchy: Hierarchy, plan: CgroupPlan): Fd {
  const made = makeDirectories(k, hierarchy, plan.cgroup);
  const { directory } = made;
  const tasks = k.doing(`open the container's cgroup in ${hierarchy.mountpoint}`, () =>
    k.openat(k.cwd, text`${directory}/tasks`, O_RDWR | O_CLOEXEC),
  );
  return unlessFailed(k, tasks, () => {
    if (!plan.occupied) requireUnused(k, hierarchy, plan, made, tasks);
    const settings = settingsIn(hierarchy, plan.settings);
    if (hierarchy.controllers.includes('cpuset')) {
      const given = settings.map(({ file }) => file);
      inheritCpuset(k, hierarchy, plan.cgroup, given);
    }
    if (settings.length > 0)
      withFile(k, k.cwd, directory, O_PATH | O_DIRECTORY, (fd) => writeSettings(k, fd, settings));
  });
}

/** Makes the cgroup in the hierarchy of version 2. The result is its directory, for clone3(2). */
export function makeUnified(k: Kernel, hierarchy: Hierarchy, plan: CgroupPlan): Fd {
  const { layout, cgroup, devices, owner, rootless, occupied } = plan;
  const made = makeDirectories(k, hierarchy, cgroup);
  const fd = k.doing(`open the container's cgroup in ${hierarchy.mountpoint}`, () =>
    // One of O_PATH cannot be locked.
    k.openat(k.cwd, made.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
  );
  return unlessFailed(k, fd, () => {
    if (!occupied) requireUnused(k, hierarchy, plan, made, fd);
    const settings = settingsIn(hierarchy, plan.settings);
    const wanted = wantedControllers(layout, hierarchy, settings);
    enableControllers(k, hierarchy, cgroup, wanted, settings);
    writeSettings(k, fd, settings);
    if (devices) attachDeviceProgram(k, fd, devices, { rootless });
    if (owner !== undefined) delegate(k, fd, owner, layout.delegated ?? []);
  });
}

/** Live, what fails throws, and nobody else has the descriptor. */
function unlessFailed(k: Kernel, fd: Fd, body: () => void): Fd {
  try {
    body();
    return fd;
  } catch (error) {
    k.close(fd);
    throw error;
  }
}

export function openDirectory(k: Kernel, directory: Text): Fd {
  return k.openat(k.cwd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/**
 * Where version 2 is all there is, a container's use of everything is to be counted, as runc and crun
 * have it. Beside version 1 the kernel's setting is left alone unless a limit needs it.
 */
function wantedControllers(
  { kind }: Layout,
  { controllers }: Hierarchy,
  settings: readonly Setting[],
): readonly string[] {
  if (kind === 'unified') return controllers;
  return controllers.filter((name) => settings.some(({ controller }) => controller === name));
}
