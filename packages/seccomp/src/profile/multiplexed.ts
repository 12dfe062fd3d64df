import { syscallPosition } from '../syscalls.ts';

/** A call that older architectures take through another one, `call`, as its first argument. */
export interface Multiplexed {
  readonly call: 'socketcall' | 'ipc';
  readonly selector: number;
}

/** linux/net.h, `SYS_SOCKET` (1) and on. */
const sockets =
  'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom ' +
  'shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg';

/** linux/ipc.h, `SEMOP` and on. */
const ipc = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
};

let byPosition: Map<number, Multiplexed> | undefined;

/** How a call, given by its `syscallPosition`, may come in on a multiplexed architecture. */
export function multiplexed(position: number): Multiplexed | undefined {
  byPosition ??= new Map([
    ...sockets.split(' ').map((name, i) => entry(name, { call: 'socketcall', selector: i + 1 })),
    ...Object.entries(ipc).map(([name, selector]) => entry(name, { call: 'ipc', selector })),
  ]);
  return byPosition.get(position);
}

function entry(name: string, as: Multiplexed): [number, Multiplexed] {
  const position = syscallPosition(name);
  if (position === undefined) throw new Error(`the tables lack ${name}`);
  return [position, as];
}
