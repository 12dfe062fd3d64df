import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestBundle } from './bundle.ts';

/**
 * Gives a bundle a new user namespace, whose root can get to its rootfs but owns nothing in it.
 *
 * @param mountPoints directories of the rootfs, which that root could not make
 */
export function useUserNamespace(bundle: TestBundle, ...mountPoints: readonly string[]): void {
  const mapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
  bundle.with(({ linux }) => {
    linux.namespaces.push({ type: 'user' });
    linux.uidMappings = linux.gidMappings = mapping;
  });
  chmodSync(bundle.path, 0o755);
  for (const name of mountPoints) mkdirSync(join(bundle.rootfs, name));
}
