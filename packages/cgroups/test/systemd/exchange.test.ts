import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeBus } from './fake-systemd.ts';
import { command, startScope } from './start.ts';

describe('the exchange with systemd', { timeout: 30_000 }, () => {
  let bus: FakeBus;
  beforeAll(async () => {
    bus = await FakeBus.start();
  });
  afterAll(() => bus.stop());
  beforeEach(() => {
    bus.systemd.calls.length = 0;
    bus.systemd.temper = {};
  });

  const members = () => bus.systemd.calls.map(({ fields }) => fields.get(3));

  it('starts a scope with the container in it', async () => {
    expect(await startScope(bus.socket)).toEqual({ status: 0, stderr: '' });
    expect(members()).toEqual(['Subscribe', 'ResetFailedUnit', 'StartTransientUnit']);
    expect(bus.systemd.calls[1]?.body).toEqual(['docker-box.scope']);
    expect(bus.systemd.calls[2]?.body).toEqual([
      'docker-box.scope',
      'replace',
      [
        ['Description', { type: 's', value: 'libcontainer container box' }],
        ['Slice', { type: 's', value: 'a-b.slice' }],
        ['Delegate', { type: 'b', value: true }],
        ['PIDs', { type: 'au', value: [4242] }],
        ['MemoryAccounting', { type: 'b', value: true }],
        ['CPUAccounting', { type: 'b', value: true }],
        ['IOAccounting', { type: 'b', value: true }],
        ['TasksAccounting', { type: 'b', value: true }],
        ['DefaultDependencies', { type: 'b', value: false }],
        ['MemoryMax', { type: 't', value: 1048576n }],
        ['TasksMax', { type: 't', value: 2n ** 64n - 1n }],
        ['DevicePolicy', { type: 's', value: 'strict' }],
        ['DeviceAllow', { type: 'a(ss)', value: [] }],
        [
          'DeviceAllow',
          {
            type: 'a(ss)',
            value: [
              ['char-*', 'm'],
              ['block-*', 'm'],
              ['/dev/char/1:3', 'rwm'],
              ['/dev/char/1:5', 'rwm'],
              ['/dev/char/1:7', 'rwm'],
              ['/dev/char/1:8', 'rwm'],
              ['/dev/char/1:9', 'rwm'],
              ['/dev/char/5:0', 'rwm'],
              ['/dev/char/5:2', 'rwm'],
              ['char-pts', 'rwm'],
            ],
          },
        ],
        ['CollectMode', { type: 's', value: 'inactive-or-failed' }],
      ],
      [],
    ]);
  });

  it('asks for the signals of its own unit alone', async () => {
    await startScope(bus.socket);
    expect(bus.matches.at(-1)).toBe(
      "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1'," +
        "interface='org.freedesktop.systemd1.Manager',member='JobRemoved',arg2='docker-box.scope'",
    );
  });

  it('takes messages byte by byte', async () => {
    bus.systemd.temper = { slow: true };
    expect(await startScope(bus.socket)).toEqual({ status: 0, stderr: '' });
  });

  it('believes systemd alone, about its own job alone', async () => {
    bus.systemd.temper = { impostors: true };
    expect(await startScope(bus.socket)).toEqual({ status: 0, stderr: '' });
  });

  const failure = (reason: string) =>
    `ocirun: linux.cgroupsPath: start docker-box.scope by systemd: ${reason}\n`;

  it('tells a D-Bus error by name, without control characters', async () => {
    bus.systemd.temper = { error: ['org.freedesktop.DBus.Error.AccessDenied', 'not\nyou\x1b'] };
    expect(await startScope(bus.socket)).toEqual({
      status: 1,
      stderr: `ocirun: systemd: org.freedesktop.DBus.Error.AccessDenied: not you \n${failure('systemd refused')}`,
    });
  });

  it('tells an error without words', async () => {
    bus.systemd.temper = { error: ['org.example.Error'] };
    const { stderr } = await startScope(bus.socket);
    expect(stderr).toBe(`ocirun: systemd: org.example.Error: \n${failure('systemd refused')}`);
  });

  it('keeps to its buffers when words are many', async () => {
    bus.systemd.temper = { error: ['org.example.Error', 'x'.repeat(5000)] };
    const { status, stderr } = await startScope(bus.socket);
    expect([status, stderr.match(/x{100,}/)?.[0].length]).toEqual([1, 1023]);
    bus.systemd.temper = { error: ['org.example.Error', 'x'.repeat(9000)] };
    expect((await startScope(bus.socket)).stderr).toBe(
      failure('the bus sent a message of more than 8192 bytes'),
    );
  });

  it.each(['failed', 'timeout', 'dependency', 'door'])(
    'tells a job that ended as %s',
    async (result) => {
      bus.systemd.temper = { result };
      expect(await startScope(bus.socket)).toEqual({
        status: 1,
        stderr: `ocirun: systemd: the job ended as ${result}\n${failure('systemd refused')}`,
      });
    },
  );

  it('tells a bus that hangs up, that refuses, and that is not there', async () => {
    bus.systemd.temper = { hangUp: true };
    expect((await startScope(bus.socket)).stderr).toBe(failure('the bus closed the connection'));
    bus.systemd.temper = { reject: true };
    expect((await startScope(bus.socket)).stderr).toBe(failure('authenticate: the bus refused'));
    const none = `${bus.socket}-none`;
    expect((await startScope(none)).stderr).toBe(
      failure(`connect to the bus at ${none}: connect: no such file or directory`),
    );
  });

  it('sets properties of a unit that runs', async () => {
    expect(await command('update', bus.socket)).toEqual({ status: 0, stderr: '' });
    expect(bus.systemd.calls.map(({ body }) => body)).toEqual([
      [
        'docker-box.scope',
        true,
        [
          ['CPUQuotaPeriodUSec', { type: 't', value: 100_000n }],
          ['CPUQuotaPerSecUSec', { type: 't', value: 500_000n }],
          ['DevicePolicy', { type: 's', value: 'auto' }],
          ['DeviceAllow', { type: 'a(ss)', value: [] }],
        ],
      ],
    ]);
    bus.systemd.temper = { error: ['org.freedesktop.systemd1.NoSuchUnit', 'Unit not loaded.'] };
    expect((await command('update', bus.socket)).stderr).toBe(
      'set properties of docker-box.scope by systemd: org.freedesktop.systemd1.NoSuchUnit: Unit not loaded.\n',
    );
  });

  it('stops a unit, and takes one that is gone for stopped', async () => {
    expect(await command('remove', bus.socket)).toEqual({ status: 0, stderr: '' });
    expect(members()).toEqual(['Subscribe', 'ResetFailedUnit', 'StopUnit']);
    expect(bus.systemd.calls[2]?.body).toEqual(['docker-box.scope', 'replace']);
    bus.systemd.temper = { error: ['org.freedesktop.systemd1.NoSuchUnit', 'Unit not loaded.'] };
    expect(await command('remove', bus.socket)).toEqual({ status: 0, stderr: '' });
    bus.systemd.temper = { result: 'timeout' };
    expect(await command('remove', bus.socket)).toEqual({
      status: 1,
      stderr: 'stop docker-box.scope by systemd: the job ended as timeout\n',
    });
  });
});
