import {
  compare,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  O_WRONLY,
  type Pid,
  PROC_SUPER_MAGIC,
  type Provision,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  type Stage,
  text,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';

/**
 * config.md, "Linux Process", oomScoreAdj (proc_pid_oom_score_adj(5)). Written by the host lane: to
 * lower the score takes CAP_SYS_RESOURCE in the first user namespace. It comes before the user
 * namespace is mapped, since /proc/PID changes hands when the container becomes another user.
 */
export function oomScoreStages(config: RunnableConfig, containerPid: Provision<Pid>): Stage[] {
  const { oomScoreAdj } = config.process;
  if (oomScoreAdj === undefined) return [];
  return [
    {
      name: 'process.oomScoreAdj',
      lane: 'host',
      category: 'Platform',
      needs: [containerPid],
      run(k) {
        k.doing(`process.oomScoreAdj: set to ${oomScoreAdj}`, () => {
          const directory = k.openat2(k.cwd, text`/proc/${containerPid.value}`, {
            flags: O_PATH | O_DIRECTORY | O_CLOEXEC,
            resolve: RESOLVE_NO_SYMLINKS,
          });
          const statfs = k.memory('statfs', 120);
          k.fstatfs(directory, statfs);
          k.when(compare(k.load(statfs, 0, 8), '!=', PROC_SUPER_MAGIC), () =>
            k.fail('/proc is not a proc filesystem'),
          );
          const file = k.openat2(directory, 'oom_score_adj', {
            flags: O_WRONLY | O_CLOEXEC,
            resolve: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
          });
          k.writeText(file, String(oomScoreAdj));
          k.close(file);
          k.close(directory);
        });
      },
    },
  ];
}
