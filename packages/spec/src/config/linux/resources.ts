import * as z from 'zod/mini';
import { optionalBoolean, optionalString, optionalStringMap } from '../common.ts';
import { optionalInt64, optionalUint32, optionalUint64, uint32, uint64 } from '../numbers.ts';
import { BlockIO } from './block-io.ts';
import { DeviceCgroup } from './devices.ts';

/** config-linux.md, "Memory": bytes, -1 for no limit. */
export const Memory = z.object({
  limit: optionalInt64,
  reservation: optionalInt64,
  swap: optionalInt64,
  kernel: optionalInt64,
  kernelTCP: optionalInt64,
  swappiness: optionalUint64,
  disableOOMKiller: optionalBoolean,
  useHierarchy: optionalBoolean,
  checkBeforeUpdate: optionalBoolean,
});
export type Memory = z.infer<typeof Memory>;

/** config-linux.md, "CPU": times in microseconds. */
export const CPU = z.object({
  shares: optionalUint64,
  quota: optionalInt64,
  burst: optionalUint64,
  period: optionalUint64,
  realtimeRuntime: optionalInt64,
  realtimePeriod: optionalUint64,
  cpus: optionalString,
  mems: optionalString,
  idle: optionalInt64,
});
export type CPU = z.infer<typeof CPU>;

/** config-linux.md, "PIDs": -1 for no limit; 0 is a limit. */
export const Pids = z.object({ limit: optionalInt64 });
export type Pids = z.infer<typeof Pids>;

/** config-linux.md, "Huge page limits". */
export const HugepageLimit = z.object({
  pageSize: z
    .string()
    .check(z.regex(/^[1-9][0-9]*[KMG]B$/, 'must be a size such as 64KB, 2MB or 1GB')),
  limit: uint64,
});
export type HugepageLimit = z.infer<typeof HugepageLimit>;

export const InterfacePriority = z.object({ name: z.string(), priority: uint32 });
export type InterfacePriority = z.infer<typeof InterfacePriority>;

/** config-linux.md, "Network": the net_cls and net_prio cgroups. */
export const Network = z.object({
  classID: optionalUint32,
  priorities: z.optional(z.array(InterfacePriority)),
});
export type Network = z.infer<typeof Network>;

/** config-linux.md, "RDMA": the limits of one device. */
export const Rdma = z.object({
  hcaHandles: optionalUint32,
  hcaObjects: optionalUint32,
});
export type Rdma = z.infer<typeof Rdma>;

/** config-linux.md, "Control groups". */
export const Resources = z.object({
  devices: z.optional(z.array(DeviceCgroup)),
  memory: z.optional(Memory),
  cpu: z.optional(CPU),
  pids: z.optional(Pids),
  blockIO: z.optional(BlockIO),
  hugepageLimits: z.optional(z.array(HugepageLimit)),
  network: z.optional(Network),
  rdma: z.optional(z.record(z.string(), Rdma)),
  unified: optionalStringMap,
});
export type Resources = z.infer<typeof Resources>;
