import { type Pid, type Provision, type Stage, text } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { writeProcfs } from './procfs.ts';

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
        k.doing(`process.oomScoreAdj: set to ${oomScoreAdj}`, () =>
          writeProcfs(k, text`/proc/${containerPid.value}`, 'oom_score_adj', String(oomScoreAdj)),
        );
      },
    },
  ];
}
