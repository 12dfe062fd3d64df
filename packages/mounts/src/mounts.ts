import { type AnyProvision, type Kernel, Provision, type Stage } from '@oci/kernel';
import { mountBind } from './bind.ts';
import { mountCgroups } from './cgroup-mounts.ts';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { bindsDev } from './dev.ts';
import { type MountEntry, type MountPlace, mountEntries } from './entry.ts';
import { mountFileSystem } from './mount-file-system.ts';
import { hasCgroupNamespace, hasUserNamespace } from './namespaces.ts';
import { NewDirectories } from './new-directories.ts';
import { remount } from './remount.ts';
import { openedOnHost } from './sources.ts';

/** Mounts `mounts` in the listed order, a stage for each (config.md, "Mounts"). */
export function mountStages(
  config: MountsConfig,
  context: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { rootfs } = provisions;
  const directories = new NewDirectories();
  const entries = mountEntries(config, context.bundle);
  const fromHost = new Set(openedOnHost(config, context).map(({ index }) => index));
  // The order of the list is part of its meaning: each waits for the one before.
  const done = entries.map(({ what }, index) =>
    index === entries.length - 1 ? provisions.mounts : new Provision(what),
  );
  return entries.map((entry, index): Stage => {
    const previous = done[index - 1];
    const last = index === entries.length - 1;
    const provides = [...done.slice(index, index + 1)];
    // Nobody else makes devices in a /dev that is bound.
    if (last && bindsDev(config)) provides.push(provisions.devices);
    const needs: AnyProvision[] = previous === undefined ? [rootfs] : [rootfs, previous];
    if (fromHost.has(index)) needs.push(provisions.sources);
    if (entry.type === 'cgroup') needs.push(...(context.cgroups?.joined ?? []));
    return {
      name: entry.what,
      lane: 'container',
      category: 'Mounts',
      needs,
      provides,
      run(k) {
        const place: MountPlace = {
          rootfs: rootfs.value,
          directories,
          provisions,
          sources: fromHost.has(index) ? provisions.sources.value : new Map(),
          inUserNamespace: hasUserNamespace(config),
          inCgroupNamespace: hasCgroupNamespace(config),
          cgroups: context.cgroups,
        };
        k.doing(entry.what, () => {
          mount(k, entry, place);
          if (last) directories.forget(k);
        });
        for (const provision of provides) provision.provide();
      },
    };
  });
}

function mount(k: Kernel, entry: MountEntry, place: MountPlace): void {
  if (entry.options.remount) remount(k, entry, place);
  else if (entry.options.bind !== undefined) mountBind(k, entry, place);
  else if (entry.type === 'cgroup') mountCgroups(k, entry, place, place.cgroups);
  else mountFileSystem(k, entry, place);
}
