import {
  AF_UNIX,
  compare,
  type Fd,
  type Kernel,
  MFD_CLOEXEC,
  MSG_NOSIGNAL,
  O_CLOEXEC,
  O_PATH,
  type Pid,
  type Provision,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  type Stage,
  type Text,
  text,
} from '@oci/kernel';
import type { Seccomp } from '@oci/spec';

/** What the state that an agent is sent says of the container (config-linux.md). */
export interface AgentState {
  readonly ociVersion: string;
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What it takes to tell a profile's agent of a listener. */
export interface Agent {
  readonly id: Text;
  readonly state: AgentState;
  readonly container: Provision<Pid>;
  readonly pidfd: Provision<Fd>;
  /** The agent has it all. Until then the container lane must keep its descriptors. */
  readonly sent: Provision;
  /** Whether the filter lets the container lane close the listener ({@link allowsCall}). */
  readonly mayClose: boolean;
  /** How the container lane hands the number of a descriptor to the host lane. */
  readonly channel: {
    tell(k: Kernel, descriptor: Fd): void;
    /** What was told last, once a signal that came after it was waited for. */
    told(k: Kernel): Fd;
  };
}

/** An id has at most 255 bytes, numbers have 20 digits at most. */
const HOLES_BYTES = 512;

/**
 * Tells the host lane, in advance, which descriptor the listener will be: calls after the filter is
 * loaded may be held up by it until an agent answers. A new descriptor is the lowest that is free.
 */
export function announceListener(k: Kernel, { channel }: Agent): void {
  const next = k.openat(k.cwd, '/', O_PATH | O_CLOEXEC);
  k.close(next);
  channel.tell(k, next);
}

/**
 * Fetches the listener and sends it, with the container process state, to the agent that listens at
 * the profile's `listenerPath` (config-linux.md, "The Container Process State").
 */
export function agentStage(profile: Seccomp, agent: Agent, loaded: Provision<Fd>): Stage {
  const { listenerPath = '' } = profile;
  const { container, pidfd, sent, channel } = agent;
  return {
    name: 'seccomp agent',
    lane: 'host',
    category: 'Security',
    needs: [loaded, container, pidfd],
    provides: [sent],
    run: (k) => {
      k.doing('linux.seccomp: fetch the listener', () => {
        const listener = k.pidfd_getfd(pidfd.value, channel.told(k));
        k.doing(`send it to ${listenerPath}`, () => {
          const socket = k.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
          k.connectUnix(socket, listenerPath);
          sendState(k, socket, listener, profile, agent);
          k.close(socket);
        });
        k.close(listener);
      });
      sent.provide();
    },
  };
}

/**
 * Closes the container lane's own listener. Else a call that waits for an agent which has gone would
 * wait for ever: the kernel answers it (ENOSYS) when the last listener is closed.
 */
export function forgetStage({ sent }: Agent, loaded: Provision<Fd>): Stage {
  return {
    name: 'seccomp listener',
    lane: 'container',
    category: 'Security',
    needs: [loaded, sent],
    run: (k) => k.close(loaded.value),
  };
}

/** Sends all in one message, as agents expect. */
function sendState(k: Kernel, socket: Fd, listener: Fd, profile: Seccomp, agent: Agent): void {
  const [before, between, after] = stateParts(profile, agent.state);
  const pid = agent.container.value;
  const state = text`${before}${pid}${between}${agent.id}","status":"creating","pid":${pid}${after}`;
  // Through a file, for the length of a text is only known to who has written it.
  const file = k.memfd_create('container process state', MFD_CLOEXEC);
  k.writeText(file, state);
  k.lseek(file, 0, 0);
  const size = [before, between, after].reduce(
    (bytes, part) => bytes + Buffer.byteLength(part),
    HOLES_BYTES,
  );
  const memory = k.memory('container process state', size);
  const length = k.read(file, memory);
  k.close(file);
  const sent = k.sendDescriptor(socket, memory, length, listener, MSG_NOSIGNAL);
  k.when(compare(sent, '!=', length), () => k.fail('the agent did not take the state whole'));
}

/** The state as JSON, cut where the process id, the container's id, and the process id again go. */
function stateParts(
  { listenerMetadata = '' }: Seccomp,
  { ociVersion, bundle, annotations = {} }: AgentState,
): readonly [string, string, string] {
  const version = JSON.stringify(ociVersion);
  const metadata = listenerMetadata === '' ? '' : `,"metadata":${JSON.stringify(listenerMetadata)}`;
  const rest = JSON.stringify({
    bundle,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  });
  return [
    `{"ociVersion":${version},"fds":["seccompFd"],"pid":`,
    `${metadata},"state":{"ociVersion":${version},"id":"`,
    `,${rest.slice(1)}}`,
  ];
}
