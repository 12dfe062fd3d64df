import { errnoNumber, isErrnoName } from '@oci/kernel';

/** errno(3): second names of errors, for which the kernel's tables have the first. */
const aliases = new Map([
  ['EDEADLOCK', 'EDEADLK'],
  ['ENOTSUP', 'EOPNOTSUPP'],
  ['EWOULDBLOCK', 'EAGAIN'],
]);

/** The number that `errno` of a profile of podman's stands for: a name, or the number itself. */
export function errorNumber(errno: string): number | undefined {
  if (/^\d+$/.test(errno)) return Number(errno);
  const name = aliases.get(errno) ?? errno;
  return isErrnoName(name) ? errnoNumber(name) : undefined;
}
