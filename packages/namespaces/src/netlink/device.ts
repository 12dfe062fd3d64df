import {
  compare,
  type Fd,
  IFF_UP,
  interfaceName,
  type Kernel,
  linkRequest,
  type Memory,
  type Pid,
  SIOCGIFFLAGS,
  SIOCGIFINDEX,
  type Value,
} from '@oci/kernel';
import { type RouteSocket, refusal } from './route-socket.ts';

/** `struct ifreq` (netdevice(7)): the name, then what is asked for. */
const IFREQ_BYTES = 40;
const IFREQ_VALUE = 16;

/** How many indices are tried in a namespace where the device's own one is taken. */
const INDEX_TRIES = 1024;

/** The index of a device, which it keeps in its namespace whatever its name. */
export function indexOf(k: Kernel, { fd }: RouteSocket, name: string): Value {
  const request = named(k, name);
  k.ioctl(fd, SIOCGIFINDEX, request);
  return k.load(request, IFREQ_VALUE, 4);
}

/** IFF_UP, or zero. */
export function isUp(k: Kernel, { fd }: RouteSocket, name: string): Value {
  const request = named(k, name);
  k.ioctl(fd, SIOCGIFFLAGS, request);
  return k.compute(k.load(request, IFREQ_VALUE, 2), '&', IFF_UP);
}

/** Fails the start when the namespace of the socket has a device of this name. */
export function expectNone(k: Kernel, { fd }: RouteSocket, name: string): void {
  const found = k.ioctl(fd, SIOCGIFINDEX, named(k, name), { allow: ['ENODEV'] });
  k.when(compare(found, '==', 0), () =>
    k.fail(`the network namespace already has a device called ${name}`),
  );
}

export interface Move {
  readonly index: Value;
  readonly name: string;
  /** The namespace of this process, or this one. */
  readonly to: { readonly namespaceOf: Pid } | { readonly namespace: Fd };
}

/**
 * Moves a device to another namespace, where it is down and has no addresses. The result is its index
 * there: the one it had, or the next that is free.
 */
export function moveDevice(k: Kernel, from: RouteSocket, { index, name, to }: Move): Value {
  const newIndex = k.variable('index', index);
  const last = k.compute(index, '+', INDEX_TRIES);
  k.loop((leave) => {
    const request = linkRequest({ index, name, newIndex: newIndex.value, ...to });
    const answer = from.ask(request, request.size);
    k.when(compare(answer, '==', 0), leave);
    k.when(compare(answer, '!=', refusal('EBUSY')), () => from.expectDone(answer));
    k.when(compare(newIndex.value, '>=', last), () => from.expectDone(answer));
    k.set(newIndex, k.compute(newIndex.value, '+', 1));
  });
  return newIndex.value;
}

export function setUp(socket: RouteSocket, index: Value): void {
  const request = linkRequest({ index, up: true });
  socket.change(request, request.size);
}

function named(k: Kernel, name: string): Memory {
  const request = k.memory('ifreq', IFREQ_BYTES);
  const [low, high] = interfaceName(name);
  k.store(request, 0, 8, low);
  k.store(request, 8, 8, high);
  return request;
}
