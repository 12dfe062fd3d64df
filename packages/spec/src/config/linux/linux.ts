import * as z from 'zod/mini';
import {
  optionalIdMappings,
  optionalString,
  optionalStringMap,
  optionalStrings,
} from '../common.ts';
import { Device } from './devices.ts';
import { IntelRdt } from './intel-rdt.ts';
import { MemoryPolicy } from './memory-policy.ts';
import { Namespace, NetDevice, TimeOffsets } from './namespaces.ts';
import { Personality } from './personality.ts';
import { Resources } from './resources.ts';
import { Seccomp } from './seccomp.ts';

/**
 * config-linux.md, "Rootfs Mount Propagation". The specification names the first four; engines
 * (Docker, containerd) also write the recursive ones, which runc and crun take.
 */
export const RootfsPropagation = z.enum([
  'shared',
  'slave',
  'private',
  'unbindable',
  'rshared',
  'rslave',
  'rprivate',
  'runbindable',
]);
export type RootfsPropagation = z.infer<typeof RootfsPropagation>;

/** Go writes it out when it is not set. */
const rootfsPropagation = z.pipe(
  z.transform((value) => (value === '' ? undefined : value)),
  z.optional(RootfsPropagation),
);

/** config-linux.md: the `linux` section. */
export const Linux = z.object({
  namespaces: z.optional(z.array(Namespace)),
  uidMappings: optionalIdMappings,
  gidMappings: optionalIdMappings,
  timeOffsets: z.optional(TimeOffsets),
  devices: z.optional(z.array(Device)),
  netDevices: z.optional(z.record(z.string(), NetDevice)),
  cgroupsPath: optionalString,
  resources: z.optional(Resources),
  intelRdt: z.optional(IntelRdt),
  memoryPolicy: z.optional(MemoryPolicy),
  sysctl: optionalStringMap,
  seccomp: z.optional(Seccomp),
  rootfsPropagation: z.optional(rootfsPropagation),
  maskedPaths: optionalStrings,
  readonlyPaths: optionalStrings,
  mountLabel: optionalString,
  personality: z.optional(Personality),
});
export type Linux = z.infer<typeof Linux>;
