import type { Stage } from '@oci/kernel';
import type { Config } from '@oci/spec';

/** config.md, "Hostname" and "Domainname" (uts_namespaces(7)). */
export function hostnameStages({ hostname, domainname }: Config): Stage[] {
  const stages: Stage[] = [];
  if (hostname) {
    stages.push({
      name: 'namespaces.hostname',
      lane: 'container',
      category: 'Platform',
      run: (k) => k.doing(`hostname: set to ${hostname}`, () => k.sethostname(hostname)),
    });
  }
  if (domainname) {
    stages.push({
      name: 'namespaces.domainname',
      lane: 'container',
      category: 'Platform',
      run: (k) => k.doing(`domainname: set to ${domainname}`, () => k.setdomainname(domainname)),
    });
  }
  return stages;
}
