import { type Fd, type Pid, Provision } from '@oci/kernel';
import { FakeKernel, FakeMemory } from '@oci/kernel/fake';
import type { Linux } from '@oci/spec';
import { describe, expect, it } from 'vitest';
import { netDeviceStages } from '../src/index.ts';
import { configWith } from './config.ts';

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWADDR = 20;

/** A message of the kernel: `struct nlmsghdr`, then this body. */
function message(type: number, body: Buffer): Buffer {
  const bytes = Buffer.alloc(16 + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  body.copy(bytes, 16);
  return bytes;
}

function acknowledgement(errno = 0): Buffer {
  const body = Buffer.alloc(20);
  body.writeInt32LE(-errno);
  return message(NLMSG_ERROR, body);
}

interface Address {
  readonly index: number;
  readonly flags: number;
  readonly scope: number;
  readonly label?: string;
}

/** `struct ifaddrmsg` and its IFA_LOCAL and IFA_LABEL. */
function address({ index, flags, scope, label }: Address): Buffer {
  const local = Buffer.from([8, 0, 2, 0, 10, 0, 0, 1]);
  const name = Buffer.alloc(label === undefined ? 0 : 4 + ((label.length + 4) & ~3));
  if (label !== undefined) {
    name.writeUInt16LE(4 + label.length + 1, 0);
    name.writeUInt16LE(3, 2);
    name.write(label, 4);
  }
  const body = Buffer.alloc(8);
  body.set([2, 24, flags, scope]);
  body.writeUInt32LE(index, 4);
  return message(RTM_NEWADDR, Buffer.concat([body, local, name]));
}

/** What was sent, and what the kernel answers to the n-th request. */
class Netlink {
  readonly kernel = new FakeKernel();
  readonly addresses: Buffer[] = [];
  constructor(answers: readonly Buffer[] = [], { index = 7, taken = false, up = true } = {}) {
    const pending: Buffer[] = [...answers];
    this.kernel.returns('ioctl', ({ args: [fd, request, memory] }) => {
      if (!(memory instanceof FakeMemory)) throw new Error('an ioctl reads and writes its memory');
      // Sockets 4 and 5 are those in the runtime's and the container's namespace.
      if (fd === 5) return taken ? 0 : -19;
      memory.store(16, 4, request === 0x8913 ? Number(up) : index);
      return 0;
    });
    this.kernel.returns('recvfrom', ({ args: [, memory] }) => {
      const answer = pending.shift() ?? acknowledgement();
      if (memory instanceof FakeMemory) answer.copy(memory.bytes);
      return answer.length;
    });
    this.kernel.returns('sendto', ({ args: [, data, count] }) => {
      if (data instanceof FakeMemory)
        this.addresses.push(Buffer.from(data.bytes.subarray(0, Number(count))));
      return Number(count);
    });
  }

  run(netDevices: NonNullable<Linux['netDevices']>): void {
    const [containerPid, containerPidfd] = [new Provision<Pid>('pid'), new Provision<Fd>('pidfd')];
    containerPid.provide(77);
    containerPidfd.provide(9);
    const moved = new Provision<void>('moved');
    const provisions = { containerPid, containerPidfd, entered: [], moved };
    const [stage] = netDeviceStages(configWith({ netDevices }), provisions);
    expect(stage).toMatchObject({ lane: 'host', provides: [moved] });
    this.kernel.transaction(() => stage?.run(this.kernel));
    expect(() => moved.value).not.toThrow();
  }

  /** The requests of which the kernel reads a struct, by their line. */
  get requests(): string[] {
    return this.kernel.lines.filter((line) => line.startsWith('sendto') && line.includes('{'));
  }
}

const none = message(NLMSG_DONE, Buffer.alloc(4));

describe('netDeviceStages', () => {
  it('visits the container’s namespace for a socket, and comes back', () => {
    const netlink = new Netlink([none]);
    netlink.run({ eth1: {} });
    expect(netlink.kernel.lines.slice(0, 5)).toEqual([
      'openat(AT_FDCWD, "/proc/self/ns/net", O_CLOEXEC, 0)',
      'socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, 0)',
      'setns(9, CLONE_NEWNET)',
      'socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, 0)',
      'setns(3, CLONE_NEWNET)',
    ]);
  });

  it('asks for addresses, moves and sets up', () => {
    const netlink = new Netlink([none]);
    netlink.run({ eth1: { name: 'ctr0' } });
    expect(netlink.requests).toEqual([
      'sendto(4, {nlmsg_len=24, nlmsg_type=RTM_GETADDR, nlmsg_flags=NLM_F_REQUEST|NLM_F_DUMP}, 24, 0, NULL, NULL)',
      'sendto(4, {nlmsg_len=68, nlmsg_type=RTM_NEWLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK, ifi_index=7, rta_len=20, rta_type=IFLA_IFNAME, value=812807267, rta_len=8, rta_type=IFLA_NET_NS_PID, value=77, rta_len=8, rta_type=IFLA_NEW_IFINDEX, value=7}, 68, 0, NULL, NULL)',
      'sendto(5, {nlmsg_len=32, nlmsg_type=RTM_NEWLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK, ifi_index=7, ifi_flags=IFF_UP, ifi_change=IFF_UP}, 32, 0, NULL, NULL)',
    ]);
  });

  it('keeps permanent addresses of global scope, and their labels as long as the name', () => {
    const [permanent, secondary, universe, link] = [0x80, 0x81, 0, 253];
    const dump = Buffer.concat([
      address({ index: 7, flags: permanent, scope: universe, label: 'eth1:a' }),
      address({ index: 8, flags: permanent, scope: universe }),
      address({ index: 7, flags: 0, scope: universe }),
      address({ index: 7, flags: permanent, scope: link }),
    ]);
    const more = Buffer.concat([address({ index: 7, flags: secondary, scope: universe }), none]);
    for (const [name, label] of [
      ['eth1', 3],
      ['ctr0', 0],
    ] as const) {
      const netlink = new Netlink([dump, more]);
      netlink.run({ eth1: { name } });
      expect(netlink.addresses).toHaveLength(2);
      const [first, second] = netlink.addresses;
      // NLM_F_REQUEST, _ACK, _EXCL and _CREATE.
      expect(first?.readUInt16LE(6)).toBe(0x605);
      expect([first?.[18], second?.[18]]).toEqual([permanent, secondary]);
      expect(first?.readUInt16LE(34)).toBe(label);
    }
  });

  it('takes the next index that is free', () => {
    const netlink = new Netlink([none, acknowledgement(16), acknowledgement(16)]);
    netlink.run({ eth1: {} });
    const tried = netlink.requests.map((line) => /IFLA_NEW_IFINDEX, value=(\d+)/.exec(line)?.[1]);
    expect(tried.slice(1, -1)).toEqual(['7', '8', '9']);
    expect(netlink.requests.at(-1)).toContain('ifi_index=9');
  });

  it('refuses a name that is taken, but has templates numbered', () => {
    const taken = new Netlink([none], { taken: true });
    expect(() => taken.run({ eth1: { name: 'lo' } })).toThrow(
      'linux.netDevices["eth1"]: the network namespace already has a device called lo',
    );
    expect(taken.requests).toHaveLength(1);
    expect(() =>
      new Netlink([none], { taken: true }).run({ eth1: { name: 'eth%d' } }),
    ).not.toThrow();
  });

  it.each([
    [1, 'operation not permitted'],
    [22, 'invalid argument'],
    [92, 'refused by the kernel'],
  ])('says why a move is refused (%d)', (errno, reason) => {
    const netlink = new Netlink([none, acknowledgement(errno)]);
    expect(() => netlink.run({ eth1: {} })).toThrow(`linux.netDevices["eth1"]: move: ${reason}`);
  });

  it('gives up when no index is free', () => {
    const busy = Array.from({ length: 5000 }, () => acknowledgement(16));
    expect(() => new Netlink([none, ...busy]).run({ eth1: {} })).toThrow(
      'move: device or resource busy',
    );
  });

  it.each([true, false])('moves it back when the start fails (up: %s)', (up) => {
    const dump = Buffer.concat([
      address({ index: 7, flags: 0x80, scope: 0 }),
      address({ index: 7, flags: 0x80, scope: 253 }),
      none,
    ]);
    const netlink = new Netlink([dump, acknowledgement(), acknowledgement(13)], { up });
    expect(() => netlink.run({ eth1: { name: 'ctr0' } })).toThrow(
      'linux.netDevices["eth1"]: keep its addresses: permission denied',
    );
    const [, , back, ...rest] = netlink.requests;
    expect(back).toMatch(/^sendto\(5, .*ifi_index=7, .*IFLA_NET_NS_FD, value=3,/);
    // One that was refused, then all that it had.
    expect(netlink.addresses.map((bytes) => bytes[19])).toEqual([0, 0, 253]);
    expect(rest).toHaveLength(up ? 1 : 0);
  });

  it('is nothing without devices', () => {
    const provisions = {
      containerPid: new Provision<Pid>('pid'),
      containerPidfd: new Provision<Fd>('pidfd'),
      entered: [],
      moved: new Provision('moved'),
    };
    expect(netDeviceStages(configWith({}), provisions)).toEqual([]);
    expect(netDeviceStages(configWith({ netDevices: {} }), provisions)).toEqual([]);
  });
});
