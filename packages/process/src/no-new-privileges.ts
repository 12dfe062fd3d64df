import { PR_SET_NO_NEW_PRIVS, type Stage } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';

/** config.md, "Linux Process", noNewPrivileges (PR_SET_NO_NEW_PRIVS(2const)). */
export function noNewPrivilegesStages({ process }: RunnableConfig): Stage[] {
  if (process.noNewPrivileges !== true) return [];
  return [
    {
      name: 'process.noNewPrivileges',
      lane: 'container',
      category: 'Security',
      run: (k) => k.doing('process.noNewPrivileges', () => k.prctl(PR_SET_NO_NEW_PRIVS, 1)),
    },
  ];
}
