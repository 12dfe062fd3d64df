import type { Config, IdMapping, Issue, RunnableConfig } from '@oci/spec';
import type { ProcessContext } from './context.ts';
import { parseNodes } from './memory-policy.ts';
import { capabilityPlan } from './user.ts';
import { makesUserNamespace } from './user-namespace.ts';

type CheckContext = Pick<ProcessContext, 'permitted' | 'lastCapability' | 'setgroups' | 'lsm'>;

export interface ProcessFindings {
  /** Why the container cannot be started. */
  readonly issues: readonly Issue[];
  /** What of the config will not be so, and does not have to be. */
  readonly warnings: readonly Issue[];
}

/**
 * What of a valid config cannot be done, on this host or by this runtime. What makes a config
 * invalid is told by `@oci/spec`.
 */
export function checkProcess(config: RunnableConfig, context: CheckContext): ProcessFindings {
  return {
    issues: [...checkLabels(config, context), ...checkUser(config, context), ...checkLinux(config)],
    warnings: capabilityPlan(config, context).warnings,
  };
}

/** Labels of mounts too: who looks for SELinux for one finds it for both. */
function checkLabels({ process }: RunnableConfig, { lsm }: CheckContext): Issue[] {
  const absent = (module: string) => `asks for ${module}, which is not enabled on this host`;
  return [
    ...(process.apparmorProfile && !lsm?.apparmor
      ? [{ path: 'process.apparmorProfile', message: absent('AppArmor') }]
      : []),
    ...(process.selinuxLabel && !lsm?.selinux
      ? [{ path: 'process.selinuxLabel', message: absent('SELinux') }]
      : []),
  ];
}

function checkUser(config: RunnableConfig, context: CheckContext): Issue[] {
  const { uid = 0, gid = 0, additionalGids = [] } = config.process.user ?? {};
  const issues: Issue[] = [];
  if (!context.setgroups && additionalGids.length > 0) {
    const message = 'cannot be set: setgroups is denied in this user namespace';
    issues.push({ path: 'process.user.additionalGids', message });
  }
  if (!makesUserNamespace(config)) return issues;
  const { uidMappings = [], gidMappings = [] } = config.linux ?? {};
  const demand = (path: string, mappings: readonly IdMapping[], id: number) => {
    if (!isMapped(mappings, id)) issues.push({ path, message: `${id} is not mapped` });
  };
  demand('process.user.uid', uidMappings, uid);
  demand('process.user.gid', gidMappings, gid);
  for (const [index, group] of additionalGids.entries()) {
    demand(`process.user.additionalGids[${index}]`, gidMappings, group);
  }
  return issues;
}

function isMapped(mappings: readonly IdMapping[], id: number): boolean {
  return mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size);
}

function checkLinux({ linux }: Config): Issue[] {
  const issues: Issue[] = [];
  const flags = linux?.personality?.flags ?? [];
  if (flags.length > 0) {
    issues.push({ path: 'linux.personality.flags', message: 'no flags are supported' });
  }
  if (parseNodes(linux?.memoryPolicy?.nodes ?? '') === undefined) {
    issues.push({ path: 'linux.memoryPolicy.nodes', message: 'has a node that cannot be' });
  }
  return issues;
}
