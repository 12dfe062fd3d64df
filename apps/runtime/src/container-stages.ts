import { userInfo } from 'node:os';
import { CLONE_NEWPID, type Fd, type Kernel, type Pid, Provision, type Stage } from '@oci/kernel';
import type { Recorder } from '@oci/launcher';
import {
  consoleStages,
  deviceStages,
  MountsProvisions,
  maskStages,
  mountStages,
  pivotStages,
  rootfsStages,
  sourceStages,
} from '@oci/mounts';
import {
  allowsGroups,
  cgroupNamespaceStages,
  cloneFlags,
  hostnameStages,
  intermediateJoins,
  joinStages,
  loopbackStages,
  netDeviceStages,
  sysctlStages,
  timeOffsetStages,
  userMapStages,
} from '@oci/namespaces';
import { processStages } from '@oci/process';
import { preservedDescriptors } from '@oci/process/service';
import { allowsCall, nativeArchitecture, seccompStages } from '@oci/seccomp';
import { type Config, ociVersion } from '@oci/spec';
import { Channel, execFifoStages, pidFileStage, prepareToSupervise } from '@oci/sync';
import type { Bundle } from './bundle.ts';
import { cgroupDriverStages, type DriverOptions, unitOf } from './cgroup-driver.ts';
import type { Host } from './host.ts';
import type { LaunchParameters } from './parameters.ts';
import type { Service } from './service.ts';
import { cloneStage } from './stages/clone.ts';
import type { Ending } from './stages/ending.ts';
import { finishStages } from './stages/finish.ts';
import { inheritedDescriptors } from './stages/inherited-descriptors.ts';
import { intelRdt } from './stages/intel-rdt.ts';
import { intermediateClone } from './stages/intermediate.ts';
import { newSession, notDumpable, openChannel, partLanes, readyStage } from './stages/lanes.ts';
import { stateDirectory } from './stages/state-directory.ts';
import { type StaticState, stateFileStage } from './stages/state-file.ts';
import { terminal } from './stages/terminal.ts';

export interface ContainerOptions extends DriverOptions, Service {
  readonly ending: Ending;
  readonly keep: boolean;
  readonly noPivot: boolean;
  readonly newKeyring: boolean;
  readonly preserveFds: number;
  readonly subreaper: boolean;
}

/** All stages of one container's start, in order, and the one that splits it into lanes. */
export interface ContainerStages {
  readonly stages: readonly Stage[];
  readonly clone: Stage;
  /** The one that both lanes have to reach before the container's program may run. */
  readonly barrier: Stage;
  readonly channel: Channel;
  /** The container lane may not send in the end: its filter does not allow it. */
  readonly confined: boolean;
  /** What a process between the launcher's and the container's does, where there is one. */
  readonly intermediate?: (k: Kernel) => void;
}

/** Puts the phases together: this is the order of a container's start. */
export function containerStages(
  bundle: Bundle,
  host: Host,
  parameters: LaunchParameters,
  recorder: Recorder,
  options: ContainerOptions,
): ContainerStages {
  const { config } = bundle;
  const { ending } = options;
  const channel = new Channel({
    numbers: bundle.filter?.notifies ?? false,
    suspects: suspects(config),
  });
  const container = new Provision<Pid>('container process');
  const pidfd = new Provision<Fd>('container pidfd');
  const containerEnd = new Provision<Fd>('container end');
  const ready = new Provision('container ready');
  const stateWritten = new Provision('state written');
  const pidWritten = new Provision('pid written');
  const joined = new Provision('namespaces joined');
  const inClass = new Provision('class of service joined');
  const devicesMoved = new Provision('network devices moved');
  const listenerSent = new Provision('seccomp listener sent');
  const listened = bundle.filter?.notifies ? [listenerSent] : [];
  const joins = joinStages(config, joined);
  const devices = netDeviceStages(config, {
    containerPid: container,
    containerPidfd: pidfd,
    entered: joins.length > 0 ? [joined] : [],
    moved: devicesMoved,
  });
  const mounts = new MountsProvisions();
  const tty = terminal(config, ending, parameters.consoleSocket, mounts.console);
  /** The host lane's side of the barrier. */
  const recorded = [
    stateWritten,
    pidWritten,
    ...(devices.length > 0 ? [devicesMoved] : []),
    ...(config.linux?.intelRdt ? [inClass] : []),
    ...listened,
    ...(tty.relayed ? [tty.relayed.master] : []),
  ];

  const state = stateDirectory(parameters.root, parameters.id);
  const fifo = execFifoStages(state.directory, recorded);
  const kept = staticState(bundle, host, options);
  const cgroups = cgroupDriverStages(config, host, parameters, state.directory, container, options);
  const { directory: cgroup, path: cgroupPath } = cgroups;
  const rdt = intelRdt(config, parameters.id, state.directory, container, inClass);
  const cloning = { flags: cloneFlags(config), ...(cgroup && { cgroup }), container, pidfd };
  const enter = intermediateJoins(config, host);
  const { stage: clone, lane: intermediate } = enter
    ? intermediateClone(recorder, cloning, channel, enter)
    : { stage: cloneStage(recorder, cloning) };
  const mountsContext = {
    ...host,
    bundle: bundle.path,
    noPivot: options.noPivot,
    cgroups: cgroupPath
      ? { layout: cgroups.layout, path: cgroupPath, joined: cgroups.joined }
      : noCgroups,
  };
  const sources = sourceStages(config, mountsContext, mounts);
  const process = processStages(config, {
    ...host,
    ...options,
    setgroups: allowsGroups(config, host),
    containerId: parameters.id,
    containerPid: container,
    // The FIFO was opened before the channel.
    keep: [...(ending === 'create' ? [fifo.fifo] : []), containerEnd],
    terminal: mounts.console,
  });
  const native = nativeArchitecture(host.architecture);
  const { filter } = bundle;
  const allows = (name: string) => filter !== undefined && allowsCall(filter, native, name);
  const seccomp =
    config.linux?.seccomp && bundle.filter
      ? seccompStages(config.linux.seccomp, bundle.filter, {
          id: parameters.id,
          state: kept,
          container,
          pidfd,
          sent: listenerSent,
          mayClose: allows('close'),
          channel,
        })
      : [];
  const barrier = readyStage(ready);
  const { relayed } = tty;
  const finishing = { ...options, channel, state, cgroups, rdt, container, pidfd, ready, relayed };

  const stages: readonly Stage[] = [
    // Host lane, alone.
    inheritedDescriptors(preservedDescriptors(options)),
    prepareToSupervise({ subreaper: options.subreaper && ending === 'run' }),
    ...tty.open,
    state.stage,
    ...(ending === 'create' ? [fifo.make] : []),
    ...cgroups.make,
    openChannel(channel),
    ...sources.before,
    clone,
    // Both lanes.
    ...partLanes(channel, state.directory, containerEnd),
    ...sources.after,
    ...tty.part,
    ...timeOffsetStages(config),
    ...cgroups.close,
    ...cgroups.join,
    ...rdt.stages,
    ...process.host,
    ...userMapStages(config, { ...host, ...bundle }, container),
    stateFileStage(kept, parameters.id, state.directory, container, stateWritten),
    pidFileStage(parameters.pidFile, container, pidWritten),
    ...(host.rootless ? [] : [notDumpable()]),
    ...joins,
    ...devices,
    newSession(),
    ...loopbackStages(config),
    ...cgroupNamespaceStages(config, cgroups.joined),
    ...rootfsStages(config, mountsContext, mounts),
    ...mountStages(config, mountsContext, mounts),
    ...deviceStages(config, mountsContext, mounts),
    ...consoleStages(config, mounts),
    ...tty.handOver,
    ...pivotStages(config, mountsContext, mounts),
    ...sysctlStages(config),
    ...maskStages(config, mountsContext, mounts),
    ...hostnameStages(config),
    ...process.container,
    ...seccomp,
    ...(allows('capset') ? process.filtered : []),
    barrier,
    ...(ending === 'create' ? [fifo.wait] : []),
    { ...process.exec, needs: [...(process.exec.needs ?? []), ...recorded] },
    ...finishStages(finishing),
  ];
  const confined = filter !== undefined && !allows('sendto');
  return { stages, clone, barrier, channel, confined, ...(intermediate && { intermediate }) };
}

/** What a container without a cgroup of its own finds where cgroups are to be mounted: none. */
const noCgroups = { layout: { kind: 'legacy', hierarchies: [] }, path: '' } as const;

/** What may end a container process in the middle of its start. */
function suspects({ linux }: Config): string[] {
  return [
    ...(linux?.resources?.memory?.limit === undefined
      ? []
      : ['linux.resources.memory.limit may be too small']),
    ...(linux?.seccomp ? ['linux.seccomp may not allow read, write or execve'] : []),
  ];
}

/** What is kept of a container for the commands after its start. */
function staticState(
  { config, path, rootfs }: Bundle,
  host: Host,
  options: DriverOptions,
): StaticState {
  const systemd = unitOf(config, host, options);
  return {
    ociVersion,
    bundle: path,
    rootfs,
    owner: userName(),
    ownPids: (cloneFlags(config) & CLONE_NEWPID) !== 0,
    ...(systemd && { systemd }),
    annotations: config.annotations ?? {},
  };
}

/** The name of a user may be known to nobody. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid?.() ?? 0);
  }
}
