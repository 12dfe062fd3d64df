import * as z from 'zod/mini';
import { optionalString } from '../common.ts';
import { optionalInt64, optionalUint32 } from '../numbers.ts';

export const DeviceType = z.enum(['c', 'b', 'u', 'p']);
export type DeviceType = z.infer<typeof DeviceType>;

/**
 * config-linux.md, "Devices". `fileMode` is a uint32 as the text says; the JSON schema's limit of
 * 511 would turn away engines that pass the file type bits of stat(2) along.
 */
export const Device = z.object({
  type: DeviceType,
  path: z.string(),
  major: optionalInt64,
  minor: optionalInt64,
  fileMode: optionalUint32,
  uid: optionalUint32,
  gid: optionalUint32,
});
export type Device = z.infer<typeof Device>;

/** config-linux.md, "Allowed Device list": one rule of the devices cgroup. */
export const DeviceCgroup = z.object({
  allow: z.boolean(),
  type: optionalString,
  major: optionalInt64,
  minor: optionalInt64,
  access: optionalString,
});
export type DeviceCgroup = z.infer<typeof DeviceCgroup>;
