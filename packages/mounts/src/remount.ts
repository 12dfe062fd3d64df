import type { Kernel } from '@oci/kernel';
import { attributeChanges, setAttributes } from './attributes.ts';
import type { MountEntry, MountPlace } from './entry.ts';
import { reconfigure } from './file-system.ts';
import { openDirectory } from './mountpoint.ts';
import { openInside } from './open-inside.ts';

/**
 * Changes what is mounted already (mount(8), "remount"): with `bind` that mount alone, else its file
 * system too. What the options do not name stays as it is, so flags that are locked do not matter.
 */
export function remount(k: Kernel, { options, path }: MountEntry, place: MountPlace): void {
  place.directories.forget(k);
  const bind = options.bind !== undefined;
  const mounted = bind
    ? openInside(k, place.rootfs, path, 0)
    : openDirectory(k, place.rootfs, path);
  if (!bind) reconfigure(k, mounted, options);
  setAttributes(k, mounted, attributeChanges({ ...options, bind: 'tree' }, true));
  k.close(mounted);
}
