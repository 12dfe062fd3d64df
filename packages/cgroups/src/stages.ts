import { type Fd, type Kernel, Provision, type Stage, type Text, type Value } from '@oci/kernel';
import type { Config } from '@oci/spec';
import type { CgroupsContext } from './context.ts';
import type { Layout } from './layout.ts';
import { cgroupPlan } from './plan.ts';
import { removeCgroup } from './remove.ts';
import { type CgroupPlan, makeLegacy, makeUnified } from './stages/make.ts';

/** The name of the link in a container's state directory that leads to its cgroup. */
export const CGROUP_LINK = 'cgroup';

/** A container's cgroup, made in the file system. */
export interface CgroupStages {
  /** Where the cgroup is, below each mountpoint; `undefined` where there is none. */
  readonly path?: Text;
  /** The hierarchies that it is in, and those alone. */
  readonly layout: Pick<Layout, 'kind' | 'hierarchies' | 'unified'>;
  /** In the host lane, before the clone: makes the cgroup, and limits it. */
  readonly make: readonly Stage[];
  /** The directory of version 2 that clone3(2) puts the container in. */
  readonly directory?: Provision<Fd>;
  /** In the host lane, after the clone. */
  readonly close: readonly Stage[];
  /** In the container lane, before a cgroup namespace is made and anything of the container runs. */
  readonly join: readonly Stage[];
  /** For stages that need the container to be in its cgroup. */
  readonly joined: readonly Provision[];
  /**
   * Removes the cgroup of a container that has ended.
   * @returns zero, or something else when it is still in use: then it stays.
   */
  remove(k: Kernel): Value;
}

/**
 * The stages that make a container's cgroup and put the container in it.
 *
 * On version 1 the container lane writes itself into each hierarchy, by descriptors that were opened
 * before the clone: a process that moves only itself needs no lock of its whole group, which takes
 * the kernel milliseconds. On version 2 clone3(2) makes it where it belongs.
 */
export function cgroupStages(config: Config, context: CgroupsContext): CgroupStages {
  const plan = cgroupPlan(config, context);
  if (!plan) return withoutCgroup(context.layout);
  const { path } = plan.cgroup;
  const { legacy, unified } = plan;
  const hierarchies = unified ? [...legacy, unified] : legacy;
  const tasks = new Provision<readonly Fd[]>('cgroup tasks');
  const directory = unified ? new Provision<Fd>('cgroup directory') : undefined;
  const joined = new Provision('cgroup joined');
  const made = directory ? [tasks, directory] : [tasks];
  const opened = () => (directory ? [...tasks.value, directory.value] : tasks.value);
  const stage = { category: 'Cgroups', needs: made } as const;
  return {
    path,
    layout: { kind: context.layout.kind, hierarchies: legacy, ...(unified && { unified }) },
    ...(directory ? { directory } : {}),
    make: [makeStage(plan, context, tasks, directory)],
    close: [
      {
        ...stage,
        name: 'cgroups.close',
        lane: 'host',
        run: (k) => {
          for (const fd of opened()) k.close(fd);
        },
      },
    ],
    join: [
      {
        ...stage,
        name: 'cgroups.join',
        lane: 'container',
        provides: [joined],
        run: (k) => {
          for (const [index, fd] of tasks.value.entries())
            k.doing(`join the cgroup in ${legacy[index]?.mountpoint}`, () => k.writeText(fd, '0'));
          // A way out of the container, if they stayed.
          for (const fd of opened()) k.close(fd);
          joined.provide();
        },
      },
    ],
    joined: [joined],
    remove: (k) => removeCgroup(k, hierarchies, path, { kill: sharesPids(config) }),
  };
}

/** For a container that stays in the runtime's own cgroup. */
export function withoutCgroup({ kind }: Layout): CgroupStages {
  const layout = { kind, hierarchies: [] };
  return { layout, make: [], close: [], join: [], joined: [], remove: () => 0 };
}

function makeStage(
  plan: CgroupPlan,
  { state }: CgroupsContext,
  tasks: Provision<readonly Fd[]>,
  directory: Provision<Fd> | undefined,
): Stage {
  const { legacy, unified } = plan;
  return {
    name: 'cgroups.make',
    lane: 'host',
    category: 'Cgroups',
    needs: state ? [state] : [],
    provides: directory ? [tasks, directory] : [tasks],
    run: (k) => {
      if (state) keepPath(k, state.value, plan.cgroup.path);
      tasks.provide(legacy.map((hierarchy) => makeLegacy(k, hierarchy, plan)));
      if (unified) directory?.provide(makeUnified(k, unified, plan));
    },
  };
}

export function keepPath(k: Kernel, state: Fd, path: Text): void {
  k.doing('keep the path of the cgroup', () => {
    k.symlinkat(path, state, CGROUP_LINK);
    k.undo(() => k.unlinkat(state, CGROUP_LINK));
  });
}

/** Without a pid namespace of its own a container's processes outlive its first one. */
function sharesPids({ linux }: Config): boolean {
  return !linux?.namespaces?.some(({ type, path }) => type === 'pid' && path === undefined);
}
