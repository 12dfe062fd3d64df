import * as z from 'zod/mini';
import { optionalString } from '../common.ts';

export const MemoryPolicyMode = z.enum([
  'MPOL_DEFAULT',
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_WEIGHTED_INTERLEAVE',
  'MPOL_PREFERRED',
  'MPOL_PREFERRED_MANY',
  'MPOL_LOCAL',
]);
export type MemoryPolicyMode = z.infer<typeof MemoryPolicyMode>;

export const MemoryPolicyFlag = z.enum([
  'MPOL_F_NUMA_BALANCING',
  'MPOL_F_RELATIVE_NODES',
  'MPOL_F_STATIC_NODES',
]);
export type MemoryPolicyFlag = z.infer<typeof MemoryPolicyFlag>;

/** config-linux.md, "Memory policy". */
export const MemoryPolicy = z.object({
  mode: MemoryPolicyMode,
  nodes: optionalString,
  flags: z.optional(z.array(MemoryPolicyFlag)),
});
export type MemoryPolicy = z.infer<typeof MemoryPolicy>;
