import { type Fd, PR_SET_DUMPABLE, type Provision, type Stage } from '@oci/kernel';
import type { Channel } from '@oci/sync';

/** Makes the sockets by which the lanes signal each other. */
export function openChannel(channel: Channel): Stage {
  return {
    name: 'channel',
    lane: 'host',
    category: 'Sync',
    run: (k) => k.doing('make the channel between the lanes', () => channel.open(k)),
  };
}

/** The first stages after the clone: each lane lets go of what is the other's. */
export function partLanes(channel: Channel, directory: Provision<Fd>, end: Provision<Fd>): Stage[] {
  return [
    {
      name: 'host end',
      lane: 'host',
      category: 'Sync',
      run: (k) => channel.keep(k, 'host'),
    },
    {
      name: 'container end',
      lane: 'container',
      category: 'Sync',
      provides: [end],
      run: (k) => {
        channel.keep(k, 'container');
        // Else the lock on it would last as long as the container waits for its start.
        k.close(directory.value);
        end.provide(channel.end('container'));
      },
    },
  ];
}

/**
 * Keeps processes of namespaces that the container joins from tracing the one that sets it up, until
 * its exec (prctl(2), PR_SET_DUMPABLE). An unprivileged runtime would lose access to its own /proc
 * entries, and has nothing to hide from processes of the same user.
 */
export function notDumpable(): Stage {
  return {
    name: 'not dumpable',
    lane: 'container',
    category: 'Security',
    run: (k) => k.prctl(PR_SET_DUMPABLE, 0),
  };
}

/** The container's processes are a session of their own, without the caller's terminal (setsid(2)). */
export function newSession(): Stage {
  return {
    name: 'session',
    lane: 'container',
    category: 'Bootstrap',
    run: (k) => k.setsid(),
  };
}

/**
 * The container lane's side of the barrier before exec: all that it could fail at is done. What of
 * the bundle comes after needs the host lane's side, which is to have written where the container is
 * to be found.
 */
export function readyStage(ready: Provision): Stage {
  return {
    name: 'ready',
    lane: 'container',
    category: 'Sync',
    provides: [ready],
    run: () => ready.provide(),
  };
}
