import { FakeKernel } from '@oci/kernel/fake';
import { describe, expect, it } from 'vitest';
import { busSocket, checkBus } from '../../src/systemd/bus.ts';
import { removeUnit } from '../../src/systemd/index.ts';

describe('the socket of the bus', () => {
  it.each([
    ['system', {}, '/run/dbus/system_bus_socket'],
    ['system', { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/a%20b,guid=00' }, '/a b'],
    ['system', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/a' }, '/run/dbus/system_bus_socket'],
    ['user', { XDG_RUNTIME_DIR: '/run/user/1' }, '/run/user/1/bus'],
    ['user', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/a', XDG_RUNTIME_DIR: '/b' }, '/a'],
    ['user', { DBUS_SESSION_BUS_ADDRESS: 'tcp:host=a;unix:guid=00,path=/a' }, '/a'],
  ] as const)('of the %s instance with %j', (instance, environment, path) => {
    expect(busSocket(instance, environment)).toBe(path);
    expect(checkBus(instance, environment)).toEqual([]);
  });

  it.each([
    ['user', {}],
    ['user', { DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=/tmp/dbus' }],
    ['user', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=%zz' }],
    ['user', { XDG_RUNTIME_DIR: `/${'x'.repeat(120)}` }],
    ['system', { DBUS_SYSTEM_BUS_ADDRESS: 'tcp:host=localhost' }],
  ] as const)('cannot be found: %s, %j', (instance, environment) => {
    const [issue] = checkBus(instance, environment);
    expect(issue?.message).toMatch(/^for systemd, DBUS_S\w+_BUS_ADDRESS.* must name a Unix socket/);
  });
});

it('is not waited for without end', () => {
  const k = new FakeKernel();
  k.fail('recvfrom', 'EINTR', { times: 2 });
  k.fail('recvfrom', 'EAGAIN');
  expect(() => removeUnit(k, { name: 'a.scope', socket: '/bus' })).toThrow(
    'stop a.scope by systemd: authenticate: no answer within 30 seconds',
  );
  expect(k.lines).toContain('setsockopt(3, 1, 20, {tv_sec=30}, 16)');
});
