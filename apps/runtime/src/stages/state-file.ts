import {
  type Fd,
  type Kernel,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  type Parameter,
  type Pid,
  type Provision,
  type Stage,
  type Text,
  text,
} from '@oci/kernel';
import { startTime } from '@oci/sync';

export const STATE_FILE = 'state.json';
/** Written first and renamed, so that nobody reads half a state. */
const UNFINISHED = '.state.json';

/** The parts of the state that are known when the launcher is compiled. */
export interface StaticState {
  readonly ociVersion: string;
  readonly bundle: string;
  readonly rootfs: string;
  /** The user that the container belongs to. */
  readonly owner: string;
  /** The container has a PID namespace of its own. */
  readonly ownPids: boolean;
  /** The unit of systemd that its cgroup is, and the bus of that systemd. */
  readonly systemd?: { readonly name: string; readonly socket: string };
  readonly annotations: Readonly<Record<string, string>>;
}

/** Writes the container's state before the container may run, so that it can always be found. */
export function stateFileStage(
  state: StaticState,
  id: Parameter,
  directory: Provision<Fd>,
  container: Provision<Pid>,
  written: Provision,
): Stage {
  return {
    name: 'state file',
    lane: 'host',
    category: 'Sync',
    needs: [directory, container],
    provides: [written],
    run: (k) =>
      k.doing('write the state', () => {
        const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
        const fd = k.openat(directory.value, UNFINISHED, flags, 0o644);
        k.undo(() => {
          for (const name of [UNFINISHED, STATE_FILE])
            k.unlinkat(directory.value, name, 0, { allow: ['ENOENT'] });
        });
        k.writeText(fd, stateText(k, state, id, container.value));
        k.close(fd);
        k.renameat2(directory.value, UNFINISHED, directory.value, STATE_FILE);
        written.provide();
      }),
  };
}

function stateText(k: Kernel, state: StaticState, id: Parameter, pid: Pid): Text {
  const { ociVersion, ...rest } = state;
  const end = JSON.stringify(rest).slice(1);
  const version = JSON.stringify(ociVersion);
  const started = startTime(k, pid);
  const created = k.timestamp();
  return text`{"ociVersion":${version},"id":"${id}","pid":${pid},"startTime":${started},"created":"${created}",${end}`;
}
