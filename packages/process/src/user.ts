import {
  CAP_SYS_ADMIN,
  type CapabilityMasks,
  type Kernel,
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_SET_KEEPCAPS,
  type Stage,
} from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';
import { type CapabilityPlan, planCapabilities } from './capability-plan.ts';
import type { ProcessContext } from './context.ts';
import { hasUserNamespace, mayHaveGroups } from './user-namespace.ts';

type CapabilityContext = Pick<ProcessContext, 'permitted' | 'lastCapability'>;
type UserContext = CapabilityContext & Pick<ProcessContext, 'rootless' | 'setgroups'>;

/** What the process has when it is about to become its user. */
export function capabilityPlan(config: RunnableConfig, context: CapabilityContext): CapabilityPlan {
  const all = (1n << BigInt(context.lastCapability + 1)) - 1n;
  return planCapabilities(config.process.capabilities, {
    permitted: hasUserNamespace(config) ? all : context.permitted,
    lastCapability: context.lastCapability,
  });
}

/**
 * Becomes the user, with the groups and capabilities of the config (capabilities(7), "Effect of
 * user ID changes on capabilities"). The order is the only one that works for a user other than
 * root: the bounding set while there is CAP_SETPCAP, groups while there is CAP_SETGID, the user id
 * with its capabilities kept, then the sets themselves, and ambient ones last, which need them.
 */
export function userStages(config: RunnableConfig, context: UserContext): Stage[] {
  const plan = capabilityPlan(config, context);
  const sets = withFilterCapability(config, plan.sets);
  const { uid = 0, gid = 0, additionalGids = [] } = config.process.user ?? {};
  return [
    {
      name: 'process.user',
      lane: 'container',
      category: 'Security',
      run(k) {
        k.doing('process.capabilities.bounding: drop', () => {
          for (const capability of plan.dropped) k.prctl(PR_CAPBSET_DROP, capability);
        });
        k.doing(`process.user: become ${uid}:${gid}`, () => {
          // Cleared again by execve.
          if (uid !== 0 && sets.permitted !== 0n) k.prctl(PR_SET_KEEPCAPS, 1);
          if (mayHaveGroups(config, context)) k.setgroups(additionalGids);
          k.setresgid(gid, gid, gid);
          k.setresuid(uid, uid, uid);
        });
        k.doing('process.capabilities: set', () => {
          k.capset(sets);
          setAmbient(k, { ...plan, sets });
        });
      },
    },
  ];
}

/**
 * Without no_new_privs, loading a filter takes CAP_SYS_ADMIN (seccomp(2)), and filters are loaded
 * last. It is gone with the exec: what a program is permitted comes from its file, the inheritable and
 * the bounding set (capabilities(7), "Transformation of capabilities during execve()").
 */
function withFilterCapability(
  { linux, process }: RunnableConfig,
  sets: CapabilityMasks,
): CapabilityMasks {
  if (!linux?.seccomp || process.noNewPrivileges === true) return sets;
  const admin = 1n << BigInt(CAP_SYS_ADMIN);
  return { ...sets, effective: sets.effective | admin, permitted: sets.permitted | admin };
}

function setAmbient(k: Kernel, { sets, ambient }: Pick<CapabilityPlan, 'sets' | 'ambient'>): void {
  // capset takes out what is not both permitted and inheritable; the caller's other ones stay.
  if ((sets.permitted & sets.inheritable & ~ambient) !== 0n) {
    k.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  }
  for (let capability = 0; ambient >> BigInt(capability) !== 0n; capability++) {
    if (((ambient >> BigInt(capability)) & 1n) !== 0n) {
      k.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
    }
  }
}
