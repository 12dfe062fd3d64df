import {
  AF_UNIX,
  compare,
  F_GETFL,
  F_SETFL,
  type Fd,
  type Kernel,
  MFD_CLOEXEC,
  MSG_CMSG_CLOEXEC,
  MSG_NOSIGNAL,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDWR,
  type Parameter,
  Provision,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  type Stage,
  TIOCGPTPEER,
  text,
} from '@oci/kernel';
import { copySize, passLineEnds, type UserTerminal } from './terminal.ts';

/** `struct sockaddr_un` (unix(7)), and the longest path in it. */
const ADDRESS_BYTES = 110;
export const LONGEST_SOCKET_PATH = 107;

/** What comes beside the descriptor, as from runc. Receivers use nothing of it but its length. */
const NAME = Buffer.from('/dev/ptmx');

/** `struct cmsghdr` with one descriptor, behind its 16 bytes of header. */
const CONTROL_BYTES = 24;
const SENT_DESCRIPTOR = 16;

/** How the master of the container's terminal leaves the container lane, in stages. */
export interface ConsoleStages {
  /** Host lane, before the clone. */
  readonly open: Stage;
  /** Host lane, after it: lets go of what is the container lane's. */
  readonly part: Stage;
  /** Container lane, once it has the terminal. */
  readonly send: Stage;
}

interface Terminal {
  readonly master: Fd;
}

/**
 * Sends the master to whoever listens at `--console-socket`. The path is the host's, so the socket
 * is connected before the container lane exists.
 */
export function consoleSocketStages(path: Parameter, terminal: Provision<Terminal>): ConsoleStages {
  const socket = new Provision<Fd>('console socket');
  return {
    open: {
      name: 'console socket',
      lane: 'host',
      category: 'Sync',
      provides: [socket],
      run: (k) => {
        k.when(compare(k.given(path), '==', 0), () =>
          k.fail('cannot allocate tty if ocirun will detach without setting console socket'),
        );
        k.doing('connect to the console socket', () => {
          const fd = k.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
          k.connect(fd, unixAddress(k, path), ADDRESS_BYTES);
          socket.provide(fd);
        });
      },
    },
    part: close(socket),
    send: sendMaster(socket, terminal, new Provision('console sent')),
  };
}

/** Sends the master to the host lane, for the launcher to relay it to its own terminal. */
export function consoleRelayStages(
  user: Provision<UserTerminal>,
  terminal: Provision<Terminal>,
  received: Provision<Fd>,
): ConsoleStages & { readonly receive: Stage } {
  const ends = new Provision<{ readonly host: Fd; readonly container: Fd }>('console sockets');
  const socket = new Provision<Fd>('console socket');
  const sent = new Provision('console sent');
  return {
    open: {
      name: 'console sockets',
      lane: 'host',
      category: 'Sync',
      provides: [ends, socket],
      run: (k) => {
        const pair = k.memory('console sockets', 8);
        k.socketpair(SOCK_STREAM | SOCK_CLOEXEC, pair);
        const [host, container] = [k.load(pair, 0, 4), k.load(pair, 4, 4)];
        ends.provide({ host, container });
        socket.provide(container);
      },
    },
    part: close(socket),
    send: sendMaster(socket, terminal, sent),
    receive: {
      name: 'receive console',
      lane: 'host',
      category: 'Sync',
      needs: [ends, sent, user],
      provides: [received],
      run: (k) =>
        k.doing('process.terminal: take over its master', () => {
          const master = receiveMaster(k, ends.value.host);
          k.close(ends.value.host);
          // Held open, or the master would hang up whenever nobody in the container has it open.
          k.ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
          passLineEnds(k, master);
          copySize(k, user.value.fd, master);
          received.provide(master);
        }),
    },
  };
}

function close(socket: Provision<Fd>): Stage {
  return {
    name: 'part from console socket',
    lane: 'host',
    category: 'Sync',
    needs: [socket],
    run: (k) => k.close(socket.value),
  };
}

function sendMaster(socket: Provision<Fd>, terminal: Provision<Terminal>, sent: Provision): Stage {
  return {
    name: 'send console',
    lane: 'container',
    category: 'Sync',
    needs: [socket, terminal],
    provides: [sent],
    run: (k) =>
      k.doing('process.terminal: send its master', () => {
        const { master } = terminal.value;
        k.sendDescriptor(socket.value, NAME, NAME.length, master, MSG_NOSIGNAL);
        k.close(socket.value);
        k.close(master);
        sent.provide();
      }),
  };
}

/** The descriptor that the container lane has sent. It does not block: a relay must never wait. */
function receiveMaster(k: Kernel, socket: Fd): Fd {
  const control = k.memory('control', CONTROL_BYTES);
  k.receiveDescriptor(socket, k.memory('name', NAME.length), control, MSG_CMSG_CLOEXEC);
  k.when(compare(k.load(control, 0, 8), '==', 0), () => k.fail('no descriptor came'));
  const master = k.load(control, SENT_DESCRIPTOR, 4);
  k.fcntl(master, F_SETFL, k.compute(k.fcntl(master, F_GETFL), '|', O_NONBLOCK));
  return master;
}

/** An address with a path that is known only at launch: through a file, as texts are written. */
function unixAddress(k: Kernel, path: Parameter): ReturnType<Kernel['memory']> {
  const address = k.memory('address', ADDRESS_BYTES);
  const file = k.memfd_create('address', MFD_CLOEXEC);
  k.writeText(file, text`--${path}`);
  k.lseek(file, 0, 0);
  k.read(file, address);
  k.close(file);
  k.store(address, 0, 2, AF_UNIX);
  return address;
}
