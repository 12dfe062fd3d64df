import { userInfo } from 'node:os';
import { type Fd, type Pid, Provision, type Stage } from '@oci/kernel';
import type { Recorder } from '@oci/launcher';
import {
  deviceStages,
  MountsProvisions,
  maskStages,
  mountStages,
  pivotStages,
  rootfsStages,
} from '@oci/mounts';
import {
  cgroupNamespaceStages,
  cloneFlags,
  hostnameStages,
  joinStages,
  loopbackStages,
  sysctlStages,
  userMapStages,
} from '@oci/namespaces';
import { processStages } from '@oci/process';
import { ociVersion } from '@oci/spec';
import { Channel, execFifoStages, pidFileStage, prepareToSupervise } from '@oci/sync';
import type { Bundle } from './bundle.ts';
import type { Host } from './host.ts';
import type { LaunchParameters } from './parameters.ts';
import { cloneStage } from './stages/clone.ts';
import { type Ending, finishStages } from './stages/finish.ts';
import { inheritedDescriptors } from './stages/inherited-descriptors.ts';
import { newSession, notDumpable, openChannel, partLanes, readyStage } from './stages/lanes.ts';
import { stateDirectory } from './stages/state-directory.ts';
import { stateFileStage } from './stages/state-file.ts';

export interface ContainerOptions {
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
  const channel = new Channel();
  const container = new Provision<Pid>('container process');
  const pidfd = new Provision<Fd>('container pidfd');
  const containerEnd = new Provision<Fd>('container end');
  const ready = new Provision('container ready');
  const stateWritten = new Provision('state written');
  const pidWritten = new Provision('pid written');
  /** The host lane's side of the barrier. */
  const recorded = [stateWritten, pidWritten];

  const state = stateDirectory(parameters.root, parameters.id);
  const fifo = execFifoStages(state.directory, recorded);
  const clone = cloneStage(recorder, cloneFlags(config), container, pidfd);
  const mountsContext = { bundle: bundle.path, noPivot: options.noPivot };
  const mounts = new MountsProvisions();
  const process = processStages(config, {
    ...host,
    preserveFds: options.preserveFds,
    newKeyring: options.newKeyring,
    containerId: parameters.id,
    containerPid: container,
    keep: containerEnd,
  });
  const barrier = readyStage(ready);
  const finishing = { ...options, channel, state, container, pidfd, ready };

  const stages: readonly Stage[] = [
    // Host lane, alone.
    inheritedDescriptors(options.preserveFds),
    prepareToSupervise({ subreaper: options.subreaper && ending === 'run' }),
    state.stage,
    ...(ending === 'create' ? [fifo.make] : []),
    openChannel(channel),
    clone,
    // Both lanes.
    ...partLanes(channel, state.directory, containerEnd),
    ...process.host,
    ...userMapStages(config, host, container),
    stateFileStage(staticState(bundle), parameters.id, state.directory, container, stateWritten),
    pidFileStage(parameters.pidFile, container, pidWritten),
    ...(host.rootless ? [] : [notDumpable()]),
    ...joinStages(config),
    newSession(),
    ...loopbackStages(config),
    // A cgroup is joined here, before the namespace that takes it as its root.
    ...cgroupNamespaceStages(config),
    ...rootfsStages(config, mountsContext, mounts),
    ...mountStages(config, mountsContext, mounts),
    ...deviceStages(config, mountsContext, mounts),
    ...pivotStages(config, mountsContext, mounts),
    ...sysctlStages(config),
    ...maskStages(config, mountsContext, mounts),
    ...hostnameStages(config),
    ...process.privileged,
    // A seccomp filter is loaded here when no_new_privs is off.
    ...process.user,
    ...process.asUser,
    // A seccomp filter is loaded here when no_new_privs is on.
    barrier,
    ...(ending === 'create' ? [fifo.wait] : []),
    { ...process.exec, needs: [...(process.exec.needs ?? []), ...recorded] },
    ...finishStages(finishing),
  ];
  return { stages, clone, barrier, channel };
}

function staticState({ config, path, rootfs }: Bundle) {
  return {
    ociVersion,
    bundle: path,
    rootfs,
    owner: userName(),
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
