import { Provision, type Stage, type Text } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import type { ProcessContext } from './context.ts';
import { cwdStages } from './cwd.ts';
import { descriptorsStage } from './descriptors.ts';
import { execStage } from './exec.ts';
import { homeStages } from './home.ts';
import { inheritanceStage } from './inheritance.ts';
import { ioPriorityStages } from './io-priority.ts';
import { keyringStages } from './keyring.ts';
import { labelStages } from './labels.ts';
import { type Executable, lookupStage } from './lookup.ts';
import { memoryPolicyStages } from './memory-policy.ts';
import { noNewPrivilegesStages } from './no-new-privileges.ts';
import { oomScoreStages } from './oom-score.ts';
import { personalityStages } from './personality.ts';
import { rlimitStages } from './rlimits.ts';
import { schedulerStages } from './scheduler.ts';
import { stdioStages } from './stdio.ts';
import { terminalStages } from './terminal.ts';
import { umaskStages } from './umask.ts';
import { filterCapabilityStages, userStages } from './user.ts';

/** All of this package's stages, in the order they have to run in. */
export interface ProcessStages {
  /** For the host lane, once the container's process exists and before its user namespace is mapped. */
  readonly host: readonly Stage[];
  /**
   * In the container's root: with all privileges, then as the user, who keeps what a seccomp filter
   * is loaded with. When they are done nothing is to be opened any more.
   */
  readonly container: readonly Stage[];
  /** Once a filter is loaded, if it allows capset(2). */
  readonly filtered: readonly Stage[];
  /** Last of all, after every lane is done. */
  readonly exec: Stage;
}

/** Every stage that `config` asks for, each wired to what it needs. */
export function processStages(config: RunnableConfig, context: ProcessContext): ProcessStages {
  const { containerPid, root } = context;
  const home = new Provision<Text>('HOME');
  const executable = new Provision<Executable>('executable');
  const cwd = cwdStages(config, root);
  const limits = rlimitStages(config, containerPid);
  return {
    host: [
      ...oomScoreStages(config, containerPid),
      ...limits.filter(({ lane }) => lane === 'host'),
    ],
    container: [
      ...keyringStages(config, context),
      ...schedulerStages(config),
      ...ioPriorityStages(config),
      ...memoryPolicyStages(config),
      ...personalityStages(config),
      ...limits.filter(({ lane }) => lane === 'container'),
      ...noNewPrivilegesStages(config),
      ...homeStages(config, home, root),
      ...terminalStages(config, context.terminal),
      ...stdioStages(config),
      ...cwd.privileged,
      ...umaskStages(config),
      ...labelStages(config),
      ...userStages(config, context),
      ...cwd.asUser,
      lookupStage(config, executable),
      inheritanceStage(context),
      descriptorsStage(context),
    ],
    filtered: filterCapabilityStages(config, context),
    exec: execStage(config, { ...context, executable, home }),
  };
}
