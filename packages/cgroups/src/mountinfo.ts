import type { Hierarchy } from './layout.ts';

interface CgroupMount {
  readonly mountpoint: string;
  /** The superblock's options, among them the controllers, or `name=…`. */
  readonly options: ReadonlySet<string>;
}

/** The mounts of cgroup version 1 that a text of /proc/self/mountinfo lists (proc_pid_mountinfo(5)). */
export function findCgroupMounts(mountinfo: string): {
  find(hierarchy: Pick<Hierarchy, 'controllers' | 'name'>): string | undefined;
} {
  const mounts = mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [type, , options = ''] = after.split(' ');
    const mountpoint = before.split(' ')[4];
    if (type !== 'cgroup' || mountpoint === undefined) return [];
    return [{ mountpoint: unescapePath(mountpoint), options: new Set(options.split(',')) }];
  });
  return {
    find({ controllers, name }) {
      const wanted = name === undefined ? controllers : [`name=${name}`];
      return mounts.find(({ options }) => wanted.every((option) => options.has(option)))
        ?.mountpoint;
    },
  };
}

/** Spaces, tabs, newlines and backslashes are written as `\040` and so on. */
function unescapePath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
