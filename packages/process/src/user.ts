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
import { hasUserNamespace, joinsUserNamespace } from './user-namespace.ts';

const ADMIN = 1n << BigInt(CAP_SYS_ADMIN);

type CapabilityContext = Pick<ProcessContext, 'permitted' | 'lastCapability'>;
type UserContext = CapabilityContext & Pick<ProcessContext, 'setgroups'>;

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
  const sets = loadsFilter(config, context) ? withAdmin(plan.sets) : plan.sets;
  const { uid = 0, gid = 0 } = config.process.user ?? {};
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
          if (uid !== 0 && (sets.permitted | sets.inheritable) !== 0n) k.prctl(PR_SET_KEEPCAPS, 1);
          if (context.setgroups) setGroups(k, config);
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

/** The maker of a namespace that is joined may have given setgroups(2) up: then there are no groups. */
function setGroups(k: Kernel, config: RunnableConfig): void {
  const groups = config.process.user?.additionalGids ?? [];
  const mayBeDenied = groups.length === 0 && joinsUserNamespace(config);
  k.setgroups(groups, mayBeDenied ? { allow: ['EPERM'] } : {});
}

/**
 * Once a filter is loaded: gives up the capability that it was loaded with. Where the filter does not
 * allow capset(2), execve does that: what a program is permitted comes from its file, the inheritable
 * and the bounding set (capabilities(7), "Transformation of capabilities during execve()").
 */
export function filterCapabilityStages(
  config: RunnableConfig,
  context: CapabilityContext,
): Stage[] {
  if (!loadsFilter(config, context)) return [];
  const { sets } = capabilityPlan(config, context);
  return [
    {
      name: 'process.capabilities.filter',
      lane: 'container',
      category: 'Security',
      run: (k) => k.doing('process.capabilities: set', () => k.capset(sets)),
    },
  ];
}

/** Whether a filter is loaded by CAP_SYS_ADMIN, which takes that or no_new_privs (seccomp(2)). */
function loadsFilter(config: RunnableConfig, { permitted }: CapabilityContext): boolean {
  if (!config.linux?.seccomp || config.process.noNewPrivileges === true) return false;
  // Who has neither may have inherited no_new_privs.
  return hasUserNamespace(config) || (permitted & ADMIN) !== 0n;
}

function withAdmin(sets: CapabilityMasks): CapabilityMasks {
  return { ...sets, effective: sets.effective | ADMIN, permitted: sets.permitted | ADMIN };
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
