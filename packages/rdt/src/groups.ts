import { type Text, text } from '@oci/kernel';
import type { Config, IntelRdt } from '@oci/spec';
import type { RdtPlace } from './context.ts';

/** The directories of the groups that a container is in. */
export interface RdtGroups {
  /** The class of service: a CTRL_MON group of resctrl. */
  readonly group: Text;
  /** The MON group beneath it. */
  readonly monitor: Text | undefined;
}

/** config-linux.md, "IntelRdt": by its closID, `/` for the default class, or by the container's id. */
export function groupsOf(
  { closID, enableMonitoring }: IntelRdt,
  { root, containerId }: RdtPlace,
): RdtGroups {
  const group = closID === '/' ? root : text`${root}/${closID || containerId}`;
  const monitor = enableMonitoring ? monitorOf(group, containerId) : undefined;
  return { group, monitor };
}

export function monitorOf(group: Text, name: Text): Text {
  return text`${group}/mon_groups/${name}`;
}

/**
 * The groups that go with the container, in the order to remove them in: its MON group, and the class
 * that is named after it. A class with a closID stays, even where this start has made it. A start
 * refuses a class of its own that is there already, so that what is found under its name is its own.
 */
export function ownGroups({ linux }: Config, place: RdtPlace): readonly Text[] {
  const rdt = linux?.intelRdt;
  if (rdt === undefined) return [];
  const { group, monitor } = groupsOf(rdt, place);
  return [...(monitor === undefined ? [] : [monitor]), ...(rdt.closID ? [] : [group])];
}
