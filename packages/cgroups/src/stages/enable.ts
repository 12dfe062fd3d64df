import { type Fd, type Kernel, O_WRONLY } from '@oci/kernel';
import type { Hierarchy } from '../layout.ts';
import type { CgroupPath } from '../path.ts';
import type { Setting } from '../setting.ts';
import { withFile } from '../with-file.ts';

/**
 * Enables controllers in every cgroup above the container's, from the root down (cgroup-v2.rst,
 * "Top-down Constraint"): all at once, and where the kernel refuses that, one by one. Then only those
 * that a setting needs have to be.
 */
export function enableControllers(
  k: Kernel,
  { mountpoint }: Hierarchy,
  { ancestors }: CgroupPath,
  controllers: readonly string[],
  settings: readonly Setting[],
): void {
  if (controllers.length === 0) return;
  for (const ancestor of ['', ...ancestors]) {
    const directory = `${mountpoint}${ancestor}`;
    k.doing(`enable controllers in ${directory}`, () =>
      k.attempt(
        ['EACCES', 'EPERM', 'EROFS'],
        () =>
          withFile(k, k.cwd, `${directory}/cgroup.subtree_control`, O_WRONLY, (fd) =>
            enable(k, fd, controllers, settings),
          ),
        // It is somebody else's, who has enabled what may be used below it.
        () => {},
      ),
    );
  }
}

function enable(
  k: Kernel,
  fd: Fd,
  controllers: readonly string[],
  settings: readonly Setting[],
): void {
  k.attempt(
    // Not available or delegated; processes in that cgroup; realtime processes; threaded.
    ['ENOENT', 'EBUSY', 'EINVAL', 'EOPNOTSUPP'],
    () => k.writeText(fd, controllers.map((name) => `+${name}`).join(' ')),
    () => {
      for (const name of controllers) {
        const need = settings.find(({ controller }) => controller === name);
        if (need) k.doing(`${need.path}: enable ${name}`, () => k.writeText(fd, `+${name}`));
        else k.writeText(fd, `+${name}`, { allow: 'any' });
      }
    },
  );
}
