import { type Kernel, KernelError } from '@oci/kernel';
import type { Setting } from '../setting.ts';
import { openDirectory } from '../stages/make.ts';
import { writeSettings } from '../write-settings.ts';

/**
 * Writes settings to a cgroup that has others. The kernel refuses some until another one is changed:
 * memory may not be limited to more than memory and swap together, a burst not to more than the quota.
 * So what is refused is tried again, for as long as that gets further.
 *
 * @throws KernelError the first refusal that stays
 */
export function updateSettings(
  kernel: Kernel,
  directory: string,
  settings: readonly Setting[],
): void {
  const fd = openDirectory(kernel, directory);
  try {
    let left = settings;
    for (;;) {
      const refused = left.flatMap((setting) => {
        const error = refusal(() => writeSettings(kernel, fd, [setting]));
        return error ? [{ setting, error }] : [];
      });
      const [first] = refused;
      if (!first) return;
      if (refused.length === left.length) throw first.error;
      left = refused.map(({ setting }) => setting);
    }
  } finally {
    kernel.close(fd);
  }
}

function refusal(write: () => void): KernelError | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    const mayPass =
      error instanceof KernelError && (error.code === 'EINVAL' || error.code === 'EBUSY');
    if (!mayPass) throw error;
    return error;
  }
}
