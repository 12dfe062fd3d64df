import type { MemoryPolicy, MemoryPolicyMode } from '../config/linux/memory-policy.ts';
import type { Report } from '../errors.ts';
import { numberRanges } from '../number-ranges.ts';

const at = 'linux.memoryPolicy';

/** set_mempolicy(2): with the modes not listed here nodes are a choice. */
const needsNodes: Partial<Record<MemoryPolicyMode, boolean>> = {
  MPOL_DEFAULT: false,
  MPOL_LOCAL: false,
  MPOL_BIND: true,
  MPOL_INTERLEAVE: true,
  MPOL_WEIGHTED_INTERLEAVE: true,
  MPOL_PREFERRED_MANY: true,
};

/** Stricter than {@link numberRanges}: nothing is left out. */
const nodeList = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

/** config-linux.md, "Memory policy". */
export function checkMemoryPolicy(policy: MemoryPolicy, report: Report): void {
  const { mode, nodes = '', flags = [] } = policy;
  if (needsNodes[mode] === true && nodes === '') report(`${at}.nodes`, `is required by ${mode}`);
  if (needsNodes[mode] === false && nodes !== '') {
    report(`${at}.nodes`, `must be empty with ${mode}`);
  }
  if (nodes !== '' && (!nodeList.test(nodes) || numberRanges(nodes) === undefined)) {
    report(`${at}.nodes`, 'must be a list of nodes, such as 0-3,7');
  }
  if (flags.includes('MPOL_F_STATIC_NODES') && flags.includes('MPOL_F_RELATIVE_NODES')) {
    report(`${at}.flags`, 'MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other');
  }
}
