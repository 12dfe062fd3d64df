import type { SeccompArch } from '@oci/spec';
import { returnValue } from '../actions.ts';
import { verdict } from '../simulate.ts';
import { syscallNumber } from '../syscalls.ts';
import type { LoadableProfile } from './stages.ts';

const passing = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'] as const;

/**
 * Whether a filter lets a call pass that is made after it was loaded, so that a start can do without
 * the calls that it does not. Rules may look at arguments: these are taken for zero.
 */
export function allowsCall(
  { filter }: Pick<LoadableProfile, 'filter'>,
  arch: SeccompArch,
  name: string,
): boolean {
  const nr = syscallNumber(arch, name);
  if (nr === undefined) return false;
  const { value } = verdict(filter, { arch, nr });
  return passing.some((action) => returnValue(action) === value);
}
