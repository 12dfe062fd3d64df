import type { Architecture } from './invoker.ts';

/**
 * Open flags whose bits differ on arm64 (arch/arm64/include/uapi/asm/fcntl.h). Constants in this
 * package are x86-64's; this is the one place that translates them.
 */
const arm64: readonly (readonly [generic: number, arm64: number])[] = [
  [0o40000, 0o200000], // O_DIRECT
  [0o100000, 0o400000], // O_LARGEFILE
  [0o200000, 0o40000], // O_DIRECTORY
  [0o400000, 0o100000], // O_NOFOLLOW
];

export function openFlags(flags: number, architecture: Architecture): number {
  if (architecture !== 'aarch64') return flags;
  return arm64.reduce(
    (translated, [from, to]) => ((flags & from) === 0 ? translated : translated | to),
    flags & ~0o740000,
  );
}
