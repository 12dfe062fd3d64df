export { Cgroup, type CgroupOptions, type CreateOptions } from './cgroup.ts';
export { CgroupError, type CgroupErrorCode } from './errors.ts';
export type { OomEvents } from './oom.ts';
export { runcOomEvent, runcStatsEvent } from './runc-stats.ts';
export type * from './stats.ts';
