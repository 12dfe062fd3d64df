import { AT_REMOVEDIR, compare, type Kernel, O_RDONLY, type Text, text } from '@oci/kernel';
import type { Hierarchy } from '../layout.ts';
import type { CgroupPath } from '../path.ts';
import { withFile } from '../with-file.ts';

const MODE = 0o755;

/**
 * Makes a cgroup in one hierarchy, and those above it that are not there. What was made is removed
 * when the start fails.
 *
 * @param occupied the container itself may be in it already
 */
export function makeDirectories(
  k: Kernel,
  hierarchy: Hierarchy,
  cgroup: CgroupPath,
  occupied = false,
): void {
  const { mountpoint } = hierarchy;
  const directory = text`${mountpoint}${cgroup.path}`;
  k.doing(`make the container's cgroup in ${mountpoint}`, () => {
    const existed = k.variable('existed', 0);
    const make = () => makeDirectory(k, directory, () => k.set(existed, 1));
    if (cgroup.ancestors.length === 0) make();
    else
      k.attempt(['ENOENT'], make, () => {
        for (const ancestor of cgroup.ancestors)
          makeDirectory(k, `${mountpoint}${ancestor}`, () => {});
        make();
      });
    if (occupied) return;
    k.when(compare(existed.value, '!=', 0), () => requireUnused(k, hierarchy, directory));
  });
}

function makeDirectory(k: Kernel, directory: Text, existed: () => void): void {
  k.attempt(
    ['EEXIST'],
    () => {
      k.mkdirat(k.cwd, directory, MODE);
      k.undo(() => k.unlinkat(k.cwd, directory, AT_REMOVEDIR));
    },
    existed,
  );
}

/**
 * config-linux.md, "Control groups": a container would affect another one in a cgroup that has
 * processes, and never start in one that is frozen.
 */
function requireUnused(k: Kernel, hierarchy: Hierarchy, directory: Text): void {
  const memory = k.memory('cgroup file', 8);
  const firstBytes = (file: string) =>
    withFile(k, k.cwd, text`${directory}/${file}`, O_RDONLY, (fd) => k.read(fd, memory));
  k.when(compare(firstBytes('cgroup.procs'), '>', 0), () =>
    k.fail(text`cgroup ${directory} has processes in it`),
  );
  const frozen = () => k.fail(text`cgroup ${directory} is frozen`);
  if (hierarchy.version === 2) {
    firstBytes('cgroup.freeze');
    k.when(compare(k.load(memory, 0, 1), '==', ONE), frozen);
  } else if (hierarchy.controllers.includes('freezer')) {
    firstBytes('freezer.state');
    k.when(compare(k.load(memory, 0, 4), '!=', THAWED), frozen);
  }
}

const ONE = Buffer.from('1').readUInt8();
/** `freezer.state` is THAWED, FREEZING or FROZEN. */
const THAWED = Buffer.from('THAW').readUInt32LE();
