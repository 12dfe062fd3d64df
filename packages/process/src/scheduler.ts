import type { Stage } from '@oci/kernel';
import { type RunnableConfig, type SchedulerFlag, type SchedulerPolicy, toUint64 } from '@oci/spec';

/** include/uapi/linux/sched.h */
const policies: Readonly<Record<SchedulerPolicy, number>> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
};
const flagBits: Readonly<Record<SchedulerFlag, number>> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
};

/** config.md, "Linux Process", scheduler (sched_setattr(2)). */
export function schedulerStages({ process: { scheduler } }: RunnableConfig): Stage[] {
  if (scheduler === undefined) return [];
  const { policy, flags = [], nice = 0, priority = 0 } = scheduler;
  const { runtime = 0, deadline = 0, period = 0 } = scheduler;
  return [
    {
      name: 'process.scheduler',
      lane: 'container',
      category: 'Platform',
      run: (k) =>
        k.doing(`process.scheduler: set to ${policy}`, () =>
          k.sched_setattr({
            policy: policies[policy],
            flags: flags.reduce((bits, flag) => bits | flagBits[flag], 0),
            nice,
            priority,
            runtime: toUint64(runtime),
            deadline: toUint64(deadline),
            period: toUint64(period),
          }),
        ),
    },
  ];
}
