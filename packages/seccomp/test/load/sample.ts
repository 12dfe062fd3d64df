import type { Seccomp, SeccompArch, SeccompSyscall } from '@oci/spec';
import { Random } from '../random.ts';
import { edgeValues, randomComparison } from '../random-profile.ts';

/** Calls that only ask, or do nothing to the descriptor -1: any argument after it is harmless. */
const harmless = ['fdatasync', 'flock', 'lseek', 'fadvise64', 'fchmod', 'fchown', 'ftruncate'];

/** Larger than any error of Linux's own, which ends at 133. */
const FIRST_ERRNO = 1000;

/** The first argument is always this. */
export const noDescriptor = 0xffff_ffffn;

export interface SampledCall {
  readonly name: string;
  readonly args: readonly bigint[];
}

/** A profile whose rules can be told apart by their error numbers, and calls at all its edges. */
export function sample(seed: number, architecture: SeccompArch) {
  const random = new Random(seed);
  const syscalls = harmless.flatMap((name, call) =>
    Array.from(
      { length: 1 + random.below(3) },
      (_, rule): SeccompSyscall => ({
        names: [name],
        action: 'SCMP_ACT_ERRNO',
        errnoRet: FIRST_ERRNO + 10 * call + rule,
        args: [1, 2].slice(random.below(2)).map((index) => randomComparison(random, index)),
      }),
    ),
  );
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [architecture],
    syscalls,
  };
  const calls = harmless.flatMap((name) =>
    edgeValues.flatMap((one) =>
      random
        .some(edgeValues, 5)
        .map((two): SampledCall => ({ name, args: [noDescriptor, one, two] })),
    ),
  );
  return { profile, calls };
}
