import type { Stage } from '@oci/kernel';
import type { RunnableConfig } from '@oci/spec';

/** config.md, "POSIX-platform User", umask: not given, it stays what it is. */
export function umaskStages({ process }: RunnableConfig): Stage[] {
  const mask = process.user?.umask;
  if (mask === undefined) return [];
  return [
    {
      name: 'process.user.umask',
      lane: 'container',
      category: 'Configuration',
      run: (k) => k.umask(mask),
    },
  ];
}
