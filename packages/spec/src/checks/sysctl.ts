import type { NamespaceType } from '../config/linux/namespaces.ts';
import type { Report } from '../errors.ts';
import { member } from '../paths.ts';
import type { OwnNamespaces } from './namespaces.ts';

/** Which namespace a sysctl belongs to: ipc_namespaces(7), network_namespaces(7), namespaces(7). */
const namespaceOf: Readonly<Record<string, NamespaceType>> = {
  'kernel.msgmax': 'ipc',
  'kernel.msgmnb': 'ipc',
  'kernel.msgmni': 'ipc',
  'kernel.sem': 'ipc',
  'kernel.shmall': 'ipc',
  'kernel.shmmax': 'ipc',
  'kernel.shmmni': 'ipc',
  'kernel.shm_rmid_forced': 'ipc',
  'kernel.domainname': 'uts',
  'kernel.hostname': 'uts',
};
const prefixes: readonly (readonly [string, NamespaceType])[] = [
  ['fs.mqueue.', 'ipc'],
  ['net.', 'network'],
  ['user.', 'user'],
];

/** config-linux.md, "Sysctl": a container must not change a parameter of the host's. */
export function checkSysctl(
  sysctl: Readonly<Record<string, string>>,
  own: OwnNamespaces,
  report: Report,
): void {
  for (const key of Object.keys(sysctl)) {
    const at = member('linux.sysctl', key);
    const name = dotted(key);
    const namespace =
      namespaceOf[name] ?? prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
    if (/(^|[./])\.{0,2}([./]|$)/.test(key)) report(at, 'is not a name of a kernel parameter');
    else if (namespace === undefined) {
      report(at, 'belongs to no namespace, so setting it would change the host');
    } else if (!own.has(namespace)) report(at, `needs ${article(namespace)} namespace`);
    else if (name === 'kernel.hostname') report(at, 'conflicts with the hostname field, use that');
  }
}

/** sysctl(8) takes both separators; the first in the name tells which one it is: a/b.c or a.b/c. */
function dotted(key: string): string {
  const separator = key.search(/[./]/);
  if (key[separator] !== '/') return key;
  return key.replace(/[./]/g, (character) => (character === '/' ? '.' : '/'));
}

function article(namespace: NamespaceType): string {
  return `${namespace === 'ipc' ? 'an' : 'a'} ${namespace}`;
}
