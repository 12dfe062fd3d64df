import { type Pid, type Provision, RLIMIT, type Stage } from '@oci/kernel';
import { type RunnableConfig, toUint64 } from '@oci/spec';
import { hasUserNamespace } from './user-namespace.ts';

const resources: ReadonlyMap<string, number> = new Map(Object.entries(RLIMIT));

/**
 * config.md, "POSIX process", rlimits (prlimit(2)). To raise a hard limit takes CAP_SYS_RESOURCE in
 * the first user namespace, so where the container has a new one its limits are set from outside.
 */
export function rlimitStages(config: RunnableConfig, containerPid: Provision<Pid>): Stage[] {
  const limits = (config.process.rlimits ?? []).flatMap(({ type, soft, hard }, index) => {
    const resource = resources.get(type);
    return resource === undefined
      ? []
      : [{ index, type, resource, soft: toUint64(soft), hard: toUint64(hard) }];
  });
  if (limits.length === 0) return [];
  const outside = hasUserNamespace(config);
  return [
    {
      name: 'process.rlimits',
      lane: outside ? 'host' : 'container',
      category: 'Platform',
      needs: outside ? [containerPid] : [],
      run(k) {
        for (const { index, type, resource, soft, hard } of limits) {
          k.doing(`process.rlimits[${index}]: set ${type} to ${soft}, at most ${hard}`, () =>
            outside
              ? k.prlimit(containerPid.value, resource, soft, hard)
              : k.setrlimit(resource, soft, hard),
          );
        }
      },
    },
  ];
}
