import { type Fd, Parameter, Provision } from '@oci/kernel';
import { type FakeCall, FakeKernel, FakeMemory } from '@oci/kernel/fake';
import { consoleRelayStages, consoleSocketStages, type UserTerminal } from '@oci/sync';
import { describe, expect, it } from 'vitest';

const MASTER = 20;

function terminal() {
  const provision = new Provision<{ readonly master: Fd }>('console');
  provision.provide({ master: MASTER });
  return provision;
}

describe('consoleSocketStages', () => {
  const path = new Parameter('console-socket');
  const connected = (given: Record<string, string>) => {
    const k = new FakeKernel({ parameters: given });
    const stages = consoleSocketStages(path, terminal());
    stages.open.run(k);
    return { k, stages };
  };
  const given = { 'console-socket': '/run/console.sock' };

  it('connects to the socket', () => {
    const { k } = connected(given);
    expect(k.lines).toEqual([
      'socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0)',
      'memfd_create("address", MFD_CLOEXEC)',
      `write(4, "--$\{console-socket}", 19)`,
      'lseek(4, 0, 0)',
      'read(4, address, 110)',
      'close(4)',
      'connect(3, address, 110)',
    ]);
    const [, address] = k.calls.at(-1)?.args ?? [];
    if (!(address instanceof FakeMemory)) throw new Error('connect without memory');
    // sa_family is AF_UNIX.
    expect(address.load(0, 2)).toBe(1);
  });

  it('needs one', () => {
    expect(() => connected({})).toThrow(
      'cannot allocate tty if ocirun will detach without setting console socket',
    );
  });

  it('lets go of it in the host lane, and in the container lane once the master is sent', () => {
    const { k, stages } = connected(given);
    const before = k.lines.length;
    stages.part.run(k);
    expect(k.lines.slice(before)).toEqual(['close(3)']);
    stages.send.run(k);
    expect(k.lines.slice(before + 1).map((line) => line.replace(/, \{.*\}/, ''))).toEqual([
      'sendmsg(3, MSG_NOSIGNAL)',
      'close(3)',
      `close(${MASTER})`,
    ]);
  });
});

describe('consoleRelayStages', () => {
  const newStages = () => {
    const user = new Provision<UserTerminal>('user');
    const received = new Provision<Fd>('received');
    const k = new FakeKernel();
    user.provide({ fd: 2, settings: k.memory('settings', 36) });
    const stages = consoleRelayStages(user, terminal(), received);
    stages.open.run(k);
    stages.part.run(k);
    stages.send.run(k);
    return { k, stages, received, made: k.lines.length };
  };

  it('takes the master over, without waiting on it, and holds its other end', () => {
    const { k, stages, received, made } = newStages();
    k.returns('recvmsg', ({ args: [, message] }: FakeCall) => {
      const control =
        message instanceof Object && 'fields' in message
          ? message.fields.find(({ name }) => name === 'msg_control')?.value
          : undefined;
      if (!(control instanceof FakeMemory)) throw new Error('recvmsg without memory');
      control.store(0, 8, 20);
      control.store(16, 4, 31);
      return 9;
    });
    stages.receive.run(k);
    expect(k.lines.slice(made).map((line) => line.replace(/, \{.*\}/, ''))).toEqual([
      'recvmsg(3, MSG_CMSG_CLOEXEC)',
      'fcntl(31, F_GETFL)',
      'fcntl(31, F_SETFL, O_NONBLOCK)',
      'close(3)',
      'ioctl(31, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC)',
      'ioctl(31, TCGETS, settings)',
      'ioctl(31, TCSETS, settings)',
      'ioctl(2, TIOCGWINSZ, window size)',
    ]);
    expect(received.value).toBe(31);
  });

  it('fails when none comes', () => {
    const { k, stages } = newStages();
    expect(() => stages.receive.run(k)).toThrow(
      'process.terminal: take over its master: no descriptor came',
    );
  });

  it('waits for it to be sent', () => {
    const { stages } = newStages();
    expect(stages.receive.needs).toEqual(expect.arrayContaining([...(stages.send.provides ?? [])]));
    expect(stages.send.provides).toHaveLength(1);
  });
});
