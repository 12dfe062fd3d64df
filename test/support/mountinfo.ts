/** One mount of a container, from its /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface SeenMount {
  readonly root: string;
  readonly options: readonly string[];
  /** `shared:1`, `master:2`, `unbindable`; the numbers are left out. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly superblock: readonly string[];
}

/** By mount point; of mounts on top of each other the topmost. */
export function parseMountinfo(text: string): ReadonlyMap<string, SeenMount> {
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const words = line.split(' ');
        const dash = words.indexOf('-', 6);
        const [, , , root = '', point = '', options = ''] = words;
        const [type = '', , superblock = ''] = words.slice(dash + 1);
        const propagation = words.slice(6, dash).map((word) => word.replace(/:.*/, ''));
        const flags = { options: options.split(','), superblock: superblock.split(',') };
        return [point, { root, propagation, type, ...flags }] as const;
      }),
  );
}
