import type { CgroupFiles } from './files.ts';
import type { HugetlbStats } from './stats.ts';

/**
 * The use of huge pages, by size: what is reserved, where the kernel counts that (Linux 5.7), else
 * what is in use.
 */
export function hugetlbStats(
  files: CgroupFiles | undefined,
  version: 1 | 2,
): Record<string, HugetlbStats> {
  if (!files) return {};
  const usage = version === 1 ? 'usage_in_bytes' : 'current';
  const pattern = new RegExp(`^hugetlb\\.(\\w+)\\.${usage}$`);
  const sizes = files.names().flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return Object.fromEntries(sizes.sort().map((size) => [size, statsOf(files, size, version)]));
}

function statsOf(files: CgroupFiles, size: string, version: 1 | 2): HugetlbStats {
  const number = (file: string) =>
    files.number(`hugetlb.${size}.rsvd.${file}`) ?? files.number(`hugetlb.${size}.${file}`) ?? 0;
  if (version === 1)
    return {
      usage: number('usage_in_bytes'),
      peak: number('max_usage_in_bytes'),
      failures: number('failcnt'),
    };
  const { max = 0 } = files.table(`hugetlb.${size}.events`);
  return { usage: number('current'), peak: 0, failures: max };
}
