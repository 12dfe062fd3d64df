import type { Stage } from '@oci/kernel';
import type { Config } from '@oci/spec';
import { openProcfs } from './procfs.ts';
import { writeBeneath } from './write-beneath.ts';

/**
 * The file of a kernel parameter, below /proc/sys. As sysctl.d(5) has it, the first separator of a
 * key tells how to read it: `net.ipv4.conf.eth0/100.rp_filter` and
 * `net/ipv4/conf/eth0.100/rp_filter` are the same.
 */
export function sysctlPath(key: string): string {
  if (key[key.search(/[./]/)] === '/') return key;
  return key.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

/**
 * config-linux.md, "Sysctl": writes the parameters of the namespaces that the process is in, so it
 * comes after these are joined and after /proc is mounted, but before it is made read-only.
 */
export function sysctlStages(config: Config): Stage[] {
  const entries = Object.entries(config.linux?.sysctl ?? {});
  if (entries.length === 0) return [];
  return [
    {
      name: 'namespaces.sysctl',
      lane: 'container',
      category: 'Configuration',
      run(k) {
        const root = k.doing('linux.sysctl: open /proc/sys', () => openProcfs(k, '/proc/sys'));
        for (const [key, value] of entries) {
          k.doing(`linux.sysctl[${JSON.stringify(key)}]: set to ${value}`, () =>
            writeBeneath(k, root, sysctlPath(key), value),
          );
        }
      },
    },
  ];
}
