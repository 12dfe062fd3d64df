import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '@oci/kernel';
import type { Config, Namespace, NamespaceType } from '@oci/spec';

/** The kernel's flag for each type (namespaces(7)). */
export const cloneFlag: Readonly<Record<NamespaceType, number>> = {
  cgroup: CLONE_NEWCGROUP,
  ipc: CLONE_NEWIPC,
  mount: CLONE_NEWNS,
  network: CLONE_NEWNET,
  pid: CLONE_NEWPID,
  time: CLONE_NEWTIME,
  user: CLONE_NEWUSER,
  uts: CLONE_NEWUTS,
};

/** A namespace that is joined, with its place in `linux.namespaces`. */
export interface Joined {
  readonly index: number;
  readonly type: NamespaceType;
  readonly path: string;
}

function namespaces(config: Config): readonly Namespace[] {
  return config.linux?.namespaces ?? [];
}

/** Whether the container gets a new namespace of this type. */
export function makesNew(config: Config, type: NamespaceType): boolean {
  return namespaces(config).some((entry) => entry.type === type && entry.path === undefined);
}

export function joined(config: Config): Joined[] {
  return namespaces(config).flatMap(({ type, path }, index) =>
    path === undefined ? [] : [{ index, type, path }],
  );
}

/** Whether the container gets a user namespace, new or joined. */
export function hasUserNamespace(config: Config): boolean {
  return namespaces(config).some(({ type }) => type === 'user');
}

/** Whether the clocks of a new time namespace are to be set, before a process is in it. */
export function setsClocks(config: Config): boolean {
  return Object.keys(config.linux?.timeOffsets ?? {}).length > 0;
}
