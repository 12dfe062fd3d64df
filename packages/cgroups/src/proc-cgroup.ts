/** A process's place in one hierarchy: a line of /proc/PID/cgroup (cgroups(7)). */
export interface Membership {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** Of a named hierarchy of version 1. */
  readonly name?: string;
  /** Below the root of the reader's cgroup namespace. */
  readonly path: string;
}

/** Reads lines such as `4:cpu,cpuacct:/a`, `1:name=systemd:/` and `0::/a` (version 2). */
export function parseProcCgroup(text: string): Membership[] {
  return text.split('\n').flatMap((line): Membership[] => {
    // A path may have colons in it.
    const [, id, list = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === undefined) return [];
    if (id === '0') return [{ version: 2, controllers: [], path }];
    const [, name] = /^name=(.*)$/.exec(list) ?? [];
    if (name !== undefined) return [{ version: 1, controllers: [], name, path }];
    return [{ version: 1, controllers: list.split(','), path }];
  });
}
