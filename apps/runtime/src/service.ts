import { type ListenFds, readListenFds } from '@oci/process/service';

/** What a service manager passes to this process for the container that it is to start. */
export interface Service {
  /** Sockets, from descriptor 3 on (sd_listen_fds(3)). */
  readonly listenFds?: ListenFds;
  /** Where the container says that it is ready (sd_notify(3)). */
  readonly notifySocket?: string;
}

/** Not for launchers that are kept: those who start them are in no service of ours. */
export function readService(): Service {
  const listenFds = readListenFds(process.env, process.pid);
  const { NOTIFY_SOCKET: notifySocket } = process.env;
  return { ...(listenFds && { listenFds }), ...(notifySocket && { notifySocket }) };
}
