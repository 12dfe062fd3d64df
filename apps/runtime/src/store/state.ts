import type { State } from '@oci/spec';
import type { Container } from './container.ts';
import { ociVersion } from './oci-version.ts';

/** runtime.md, "State", with the properties that runc adds, in runc's order. */
export interface ContainerState extends State {
  readonly rootfs: string;
  readonly created: string;
  readonly owner: string;
}

export function describeState(container: Container): ContainerState {
  const { id, file } = container;
  const status = container.status();
  if (!file) {
    const unknown = { bundle: '', rootfs: '', created: '', owner: '' };
    return { ociVersion, id, pid: 0, status, ...unknown };
  }
  const { bundle, rootfs, created, annotations, owner } = file;
  return {
    ociVersion: file.ociVersion,
    id,
    pid: status === 'stopped' ? 0 : file.pid,
    status,
    bundle,
    rootfs,
    created,
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
    owner,
  };
}
