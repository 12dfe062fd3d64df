import { type Pid, Provision } from '@oci/kernel';
import type { Config, IntelRdt } from '@oci/spec';
import type { RdtContext } from '../src/index.ts';

export function configWith(intelRdt?: IntelRdt): Config {
  return { ociVersion: '1.3.0', linux: { ...(intelRdt && { intelRdt }) } };
}

export function contextWith(root = '/sys/fs/resctrl'): RdtContext {
  const container = new Provision<Pid>('container');
  container.provide(77);
  return { root, containerId: 'c1', container, joined: new Provision('joined') };
}
