import * as z from 'zod/mini';
import { optionalString } from '../common.ts';
import { optionalInt64, optionalUint32 } from '../numbers.ts';

export const NamespaceType = z.enum([
  'mount',
  'pid',
  'network',
  'uts',
  'ipc',
  'user',
  'cgroup',
  'time',
]);
export type NamespaceType = z.infer<typeof NamespaceType>;

/** config-linux.md, "Namespaces": made new, or joined where a path is given. */
export const Namespace = z.object({
  type: NamespaceType,
  path: optionalString,
});
export type Namespace = z.infer<typeof Namespace>;

export const TimeOffset = z.object({
  secs: optionalInt64,
  nanosecs: optionalUint32,
});
export type TimeOffset = z.infer<typeof TimeOffset>;

/** config-linux.md, "Offset for Time Namespace": strict, as an unknown clock cannot be set. */
export const TimeOffsets = z.strictObject({
  boottime: z.optional(TimeOffset),
  monotonic: z.optional(TimeOffset),
});
export type TimeOffsets = z.infer<typeof TimeOffsets>;

/** config-linux.md, "Network Devices": the value of one entry; its key is the name on the host. */
export const NetDevice = z.object({ name: optionalString });
export type NetDevice = z.infer<typeof NetDevice>;
