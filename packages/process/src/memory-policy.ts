import type { Stage } from '@oci/kernel';
import { type Config, type MemoryPolicyFlag, type MemoryPolicyMode, numberRanges } from '@oci/spec';

/** include/uapi/linux/mempolicy.h */
const modes: Readonly<Record<MemoryPolicyMode, number>> = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
};
const flagBits: Readonly<Record<MemoryPolicyFlag, number>> = {
  MPOL_F_NUMA_BALANCING: 1 << 13,
  MPOL_F_RELATIVE_NODES: 1 << 14,
  MPOL_F_STATIC_NODES: 1 << 15,
};

/** The most nodes that a kernel is built for (CONFIG_NODES_SHIFT is 10 at most). */
const maxNodes = 1024;

/** The nodes of a list such as `0-3,7`; `undefined` for one the kernel cannot have. */
export function parseNodes(list: string): number[] | undefined {
  const ranges = numberRanges(list);
  if (!ranges?.every(([, last]) => last < maxNodes)) return undefined;
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
}

/** config-linux.md, "Memory policy" (set_mempolicy(2)). */
export function memoryPolicyStages({ linux }: Config): Stage[] {
  const policy = linux?.memoryPolicy;
  if (policy === undefined) return [];
  const { mode, nodes = '', flags = [] } = policy;
  const bits = flags.reduce((all, flag) => all | flagBits[flag], modes[mode]);
  const mask = nodeMask(parseNodes(nodes) ?? []);
  return [
    {
      name: 'linux.memoryPolicy',
      lane: 'container',
      category: 'Platform',
      run: (k) =>
        k.doing(`linux.memoryPolicy: set to ${mode}`, () =>
          k.set_mempolicy(bits, mask, mask === null ? 0 : mask.byteLength * 8 + 1),
        ),
    },
  ];
}

/** As an array of C longs, bit n for node n. */
function nodeMask(nodes: readonly number[]): Uint8Array | null {
  if (nodes.length === 0) return null;
  const mask = new Uint8Array((Math.floor(Math.max(...nodes) / 64) + 1) * 8);
  for (const node of nodes) mask[node >> 3] = (mask[node >> 3] ?? 0) | (1 << (node & 7));
  return mask;
}
