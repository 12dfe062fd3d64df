import { type Fd, type Kernel, O_CLOEXEC, O_WRONLY } from '@oci/kernel';
import type { Setting } from './setting.ts';

type Write = Pick<Setting, 'file' | 'value' | 'path'>;

/**
 * Writes settings in their order to files of an open cgroup directory. What fails is told with its
 * JSON path, value and file. Settings that follow each other in one file share its descriptor.
 */
export function writeSettings(k: Kernel, directory: Fd, settings: readonly Setting[]): void {
  for (const [first, ...more] of sameFile(settings)) {
    const { otherwise } = first;
    const write = () => writeFile(k, directory, first, more);
    if (otherwise === undefined) write();
    else
      k.attempt(['ENOENT'], write, () => {
        if (otherwise !== 'nothing') writeFile(k, directory, { ...first, ...otherwise }, []);
      });
  }
}

type Group = [first: Setting, ...more: Setting[]];

/** Each with an alternative stands by itself: it may go to another file. */
function sameFile(settings: readonly Setting[]): Group[] {
  const groups: Group[] = [];
  for (const setting of settings) {
    const last = groups.at(-1);
    const joins = (before: Setting) =>
      before.file === setting.file && !before.otherwise && !setting.otherwise;
    if (last && joins(last[0])) last.push(setting);
    else groups.push([setting]);
  }
  return groups;
}

function writeFile(k: Kernel, directory: Fd, first: Write, more: readonly Write[]): void {
  const fd = k.doing(describe(first), () => k.openat(directory, first.file, O_WRONLY | O_CLOEXEC));
  try {
    for (const setting of [first, ...more])
      k.doing(describe(setting), () => k.writeText(fd, setting.value));
  } finally {
    // Live, a write that fails throws.
    k.close(fd);
  }
}

function describe({ file, value, path }: Write): string {
  return `${path}: write ${value} to ${file}`;
}
