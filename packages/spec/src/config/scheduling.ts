import * as z from 'zod/mini';
import { optionalString } from './common.ts';
import { int32, optionalInt32, optionalUint64 } from './numbers.ts';

export const SchedulerPolicy = z.enum([
  'SCHED_OTHER',
  'SCHED_FIFO',
  'SCHED_RR',
  'SCHED_BATCH',
  'SCHED_ISO',
  'SCHED_IDLE',
  'SCHED_DEADLINE',
]);
export type SchedulerPolicy = z.infer<typeof SchedulerPolicy>;

export const SchedulerFlag = z.enum([
  'SCHED_FLAG_RESET_ON_FORK',
  'SCHED_FLAG_RECLAIM',
  'SCHED_FLAG_DL_OVERRUN',
  'SCHED_FLAG_KEEP_POLICY',
  'SCHED_FLAG_KEEP_PARAMS',
  'SCHED_FLAG_UTIL_CLAMP_MIN',
  'SCHED_FLAG_UTIL_CLAMP_MAX',
]);
export type SchedulerFlag = z.infer<typeof SchedulerFlag>;

/** config.md, "Linux Process", scheduler. */
export const Scheduler = z.object({
  policy: SchedulerPolicy,
  nice: optionalInt32,
  priority: optionalInt32,
  flags: z.optional(z.array(SchedulerFlag)),
  runtime: optionalUint64,
  deadline: optionalUint64,
  period: optionalUint64,
});
export type Scheduler = z.infer<typeof Scheduler>;

export const IOPriorityClass = z.enum(['IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE']);
export type IOPriorityClass = z.infer<typeof IOPriorityClass>;

/** config.md, "Linux Process", ioPriority. */
export const IOPriority = z.object({
  class: IOPriorityClass,
  priority: int32,
});
export type IOPriority = z.infer<typeof IOPriority>;

/** config.md, "Linux Process", execCPUAffinity. */
export const ExecCPUAffinity = z.object({
  initial: optionalString,
  final: optionalString,
});
export type ExecCPUAffinity = z.infer<typeof ExecCPUAffinity>;
