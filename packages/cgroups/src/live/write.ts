import { type Kernel, KernelError } from '@oci/kernel';
import type { LiveKernel } from '@oci/kernel/live';
import type { Setting } from '../setting.ts';
import { openDirectory } from '../stages/make.ts';
import { writeSettings } from '../write-settings.ts';
import { CgroupFiles } from './files.ts';

/**
 * Writes settings to a cgroup that has others. The kernel refuses some until another one is changed:
 * memory may not be limited to more than memory and swap together, a burst not to more than the quota.
 * So what is refused is tried again, for as long as that gets further.
 *
 * What was written is undone when the kernel's transaction fails, where that can be done.
 *
 * @param inverse what undoes a setting
 * @throws KernelError the first refusal that stays
 */
export function updateSettings(
  kernel: LiveKernel,
  directory: string,
  settings: readonly Setting[],
  inverse = settingBefore,
): void {
  const files = new CgroupFiles(directory);
  let left = settings;
  for (;;) {
    const refused = left.flatMap((setting) => {
      const back = inverse(files, setting);
      const error = refusal(() => write(kernel, directory, setting));
      if (!error) kernel.undo(() => back && write(kernel, directory, back));
      return error ? [{ setting, error }] : [];
    });
    const [first] = refused;
    if (!first) return;
    if (refused.length === left.length) throw first.error;
    left = refused.map(({ setting }) => setting);
  }
}

function write(kernel: Kernel, directory: string, setting: Setting): void {
  const fd = openDirectory(kernel, directory);
  try {
    writeSettings(kernel, fd, [setting]);
  } finally {
    kernel.close(fd);
  }
}

/**
 * What a file has now, where that is one line: what lists limits of several devices, or says more
 * than what was written, cannot be written back.
 */
function settingBefore(files: CgroupFiles, setting: Setting): Setting | undefined {
  const { otherwise } = setting;
  const names = [setting.file, ...(typeof otherwise === 'object' ? [otherwise.file] : [])];
  for (const file of names) {
    const value = files.text(file);
    if (value === undefined) continue;
    // A write of nothing is none: an empty list of processors is an empty line.
    return value.includes('\n') ? undefined : { ...setting, file, value: value || '\n' };
  }
  return undefined;
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
