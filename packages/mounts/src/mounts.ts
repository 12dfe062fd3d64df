import { Provision, type Stage } from '@oci/kernel';
import { mountBind } from './bind.ts';
import type { MountsConfig, MountsContext, MountsProvisions } from './context.ts';
import { bindsDev } from './dev.ts';
import { mountEntries } from './entry.ts';
import { mountFileSystem } from './mount-file-system.ts';
import { NewDirectories } from './new-directories.ts';

/** Mounts `mounts` in the listed order, a stage for each (config.md, "Mounts"). */
export function mountStages(
  config: MountsConfig,
  { bundle }: MountsContext,
  provisions: MountsProvisions,
): Stage[] {
  const { rootfs } = provisions;
  const directories = new NewDirectories();
  const entries = mountEntries(config.mounts ?? [], bundle);
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
    return {
      name: entry.what,
      lane: 'container',
      category: 'Mounts',
      needs: previous === undefined ? [rootfs] : [rootfs, previous],
      provides,
      run(k) {
        const place = { rootfs: rootfs.value, directories, provisions };
        k.doing(entry.what, () => {
          if (entry.options.bind === undefined) mountFileSystem(k, entry, place);
          else mountBind(k, entry, place);
          if (last) directories.forget(k);
        });
        for (const provision of provides) provision.provide();
      },
    };
  });
}
