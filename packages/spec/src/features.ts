import * as z from 'zod/mini';
import { optionalBoolean, optionalStringMap, optionalStrings } from './config/common.ts';
import { MemoryPolicyFlag, MemoryPolicyMode } from './config/linux/memory-policy.ts';
import { NamespaceType } from './config/linux/namespaces.ts';
import {
  SeccompAction,
  SeccompArch,
  SeccompFlag,
  SeccompOperator,
} from './config/linux/seccomp.ts';

const enabled = z.optional(z.object({ enabled: optionalBoolean }));

/** features-linux.md, "Seccomp". */
export const SeccompFeatures = z.object({
  enabled: optionalBoolean,
  actions: z.optional(z.array(SeccompAction)),
  operators: z.optional(z.array(SeccompOperator)),
  archs: z.optional(z.array(SeccompArch)),
  knownFlags: z.optional(z.array(SeccompFlag)),
  supportedFlags: z.optional(z.array(SeccompFlag)),
});
export type SeccompFeatures = z.infer<typeof SeccompFeatures>;

/** features-linux.md, "Cgroup". */
export const CgroupFeatures = z.object({
  v1: optionalBoolean,
  v2: optionalBoolean,
  systemd: optionalBoolean,
  systemdUser: optionalBoolean,
  rdma: optionalBoolean,
});
export type CgroupFeatures = z.infer<typeof CgroupFeatures>;

/** features-linux.md. */
export const LinuxFeatures = z.object({
  namespaces: z.optional(z.array(NamespaceType)),
  capabilities: z.optional(
    z.array(z.string().check(z.regex(/^CAP_[A-Z_]+$/, 'must be a name such as CAP_CHOWN'))),
  ),
  cgroup: z.optional(CgroupFeatures),
  seccomp: z.optional(SeccompFeatures),
  apparmor: enabled,
  selinux: enabled,
  memoryPolicy: z.optional(
    z.object({
      modes: z.optional(z.array(MemoryPolicyMode)),
      flags: z.optional(z.array(MemoryPolicyFlag)),
    }),
  ),
  intelRdt: z.optional(
    z.object({
      enabled: optionalBoolean,
      schemata: optionalBoolean,
      monitoring: optionalBoolean,
    }),
  ),
  mountExtensions: z.optional(z.object({ idmap: enabled })),
  netDevices: enabled,
});
export type LinuxFeatures = z.infer<typeof LinuxFeatures>;

/** features.md. */
export const Features = z.object({
  ociVersionMin: z.string(),
  ociVersionMax: z.string(),
  hooks: optionalStrings,
  mountOptions: optionalStrings,
  linux: z.optional(LinuxFeatures),
  annotations: optionalStringMap,
  potentiallyUnsafeConfigAnnotations: optionalStrings,
});
export type Features = z.infer<typeof Features>;
