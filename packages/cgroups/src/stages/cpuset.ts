import { compare, type Kernel, type Memory, O_RDONLY, O_RDWR, type Text, text } from '@oci/kernel';
import type { Hierarchy } from '../layout.ts';
import type { CgroupPath } from '../path.ts';
import { withFile } from '../with-file.ts';

type CpusetFile = 'cpuset.cpus' | 'cpuset.mems';
const files: readonly CpusetFile[] = ['cpuset.cpus', 'cpuset.mems'];

/** A list of processors is as long as a page at most. */
const PAGE = 4096;

/**
 * On version 1 a new cpuset is empty, and no process can join one that is (cpuset(7)): what is empty
 * takes over what the cgroup above it has.
 * @param given what the container's own cpuset is going to be given
 */
export function inheritCpuset(
  k: Kernel,
  { mountpoint }: Hierarchy,
  { path, ancestors }: CgroupPath,
  given: readonly string[],
): void {
  const memory = k.memory('cpuset', PAGE);
  const directories = ['', ...ancestors, path].map((below) => text`${mountpoint}${below}`);
  for (const [index, parent] of directories.slice(0, -1).entries()) {
    const isContainer = index === directories.length - 2;
    for (const file of files) {
      if (isContainer && given.includes(file)) continue;
      const child = directories[index + 1] ?? parent;
      k.doing(`copy ${file} from the cgroup above in ${mountpoint}`, () =>
        inherit(k, text`${parent}/${file}`, text`${child}/${file}`, memory),
      );
    }
  }
}

function inherit(k: Kernel, above: Text, file: Text, memory: Memory): void {
  withFile(k, k.cwd, file, O_RDWR, (to) => {
    const emptyLine = 1;
    k.when(compare(k.read(to, memory), '<=', emptyLine), () =>
      withFile(k, k.cwd, above, O_RDONLY, (from) => {
        const count = k.read(from, memory);
        k.write(to, memory, count);
      }),
    );
  });
}
