import type { Kernel, Stage } from '@oci/kernel';
import type { Config, IntelRdt } from '@oci/spec';
import { compareSchemata } from './compare-schemata.ts';
import type { RdtContext, RdtPlace } from './context.ts';
import { groupsOf, ownGroups } from './groups.ts';
import { Resctrl, removeGroup } from './resctrl.ts';
import { schemaLines } from './schema.ts';

/**
 * config-linux.md, "IntelRdt": puts the container into its class of service and its monitoring group,
 * once its process exists and before its program runs. Without `intelRdt` there is nothing to do.
 */
export function rdtStages({ linux }: Config, context: RdtContext): Stage[] {
  const rdt = linux?.intelRdt;
  if (rdt === undefined) return [];
  const { root, container, joined } = context;
  const { group, monitor } = groupsOf(rdt, context);
  return [
    {
      name: 'rdt.group',
      lane: 'host',
      category: 'Platform',
      run: (k) => {
        const resctrl = new Resctrl(k, root);
        k.doing('linux.intelRdt', () => resctrl.requireMounted());
        prepareGroup(k, resctrl, rdt, context);
      },
    },
    {
      name: 'rdt.tasks',
      lane: 'host',
      category: 'Platform',
      needs: [container],
      provides: [joined],
      run: (k) => {
        const resctrl = new Resctrl(k, root);
        k.doing('linux.intelRdt: put the container into its class', () =>
          resctrl.writeTask(group, container.value),
        );
        if (monitor !== undefined) {
          k.doing('linux.intelRdt.enableMonitoring: make the monitoring group', () => {
            resctrl.makeGroup(monitor);
            resctrl.writeTask(monitor, container.value);
          });
        }
        joined.provide();
      },
    },
  ];
}

/** Makes the class, or finds it as the config wants it. */
function prepareGroup(k: Kernel, resctrl: Resctrl, rdt: IntelRdt, place: RdtPlace): void {
  const { group } = groupsOf(rdt, place);
  const lines = schemaLines(rdt);
  const make = () => {
    k.doing('linux.intelRdt: make the class', () => resctrl.makeGroup(group));
    for (const line of lines) resctrl.writeSchema(group, line);
    return undefined;
  };
  const find = () => {
    compareSchemata(k, group, lines);
    return undefined;
  };
  if (rdt.closID === '/') find();
  else if (!rdt.closID) make();
  else if (lines.length > 0) k.attempt(['EEXIST'], make, find);
  else k.doing('linux.intelRdt.closID', () => resctrl.requireGroup(group));
}

/** Removes the groups that are a container's own, after it has ended. Those that are gone are no error. */
export function removeRdt(k: Kernel, config: Config, place: RdtPlace): void {
  for (const group of ownGroups(config, place)) {
    k.doing('linux.intelRdt: remove a group', () => removeGroup(k, group));
  }
}
