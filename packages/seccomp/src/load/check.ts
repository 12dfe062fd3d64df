import type { Issue, Seccomp } from '@oci/spec';

const LONGEST_SOCKET_PATH = 107;

/**
 * What of a valid profile cannot be loaded: a listener that nobody could be told of.
 *
 * @param path where the profile is in its config
 */
export function checkLoading(profile: Seccomp, path = 'linux.seccomp'): Issue[] {
  const rules = profile.syscalls ?? [];
  const notifying = rules.flatMap(({ action, names }, index) =>
    action === 'SCMP_ACT_NOTIFY' ? [{ index, names }] : [],
  );
  if (notifying.length === 0) return [];
  const { listenerPath = '' } = profile;
  const issues: Issue[] = [];
  if (listenerPath === '') {
    issues.push({ path: `${path}.listenerPath`, message: 'SCMP_ACT_NOTIFY needs it' });
  } else if (Buffer.byteLength(listenerPath) > LONGEST_SOCKET_PATH) {
    const message = `a socket's path has at most ${LONGEST_SOCKET_PATH} bytes`;
    issues.push({ path: `${path}.listenerPath`, message });
  }
  for (const { index, names } of notifying) {
    if (!names.includes('write')) continue;
    // By it the container process says that there is a listener to fetch.
    const message = 'SCMP_ACT_NOTIFY cannot be used for the write system call';
    issues.push({ path: `${path}.syscalls[${index}]`, message });
  }
  return issues;
}
