import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeSystemd } from './fake-systemd.ts';
import { startScope } from './start.ts';
import { marshal, type Outgoing, unmarshal } from './wire.ts';

const daemon = '/usr/bin/dbus-daemon';

/** The reference implementation of a bus (Debian's dbus-daemon) checks every byte it is sent. */
describe.runIf(existsSync(daemon))('the exchange over a real bus', { timeout: 30_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'dbus-daemon-'));
  const path = join(directory, 'bus');
  const systemd = new FakeSystemd();
  let bus: ChildProcess;
  let service: Socket;

  beforeAll(async () => {
    const configuration = join(directory, 'bus.conf');
    writeFileSync(
      configuration,
      `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
      <busconfig><type>session</type><listen>unix:path=${path}</listen><auth>EXTERNAL</auth>
      <policy context="default"><allow user="*"/><allow own="*"/>
      <allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>`,
    );
    bus = spawn(daemon, ['--nofork', '--print-address', `--config-file=${configuration}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!bus.stdout) throw new Error('no pipe');
    await once(bus.stdout, 'data');
    service = connect(path);
    await serve(service, systemd);
  });

  afterAll(async () => {
    service.destroy();
    bus.kill();
    await once(bus, 'exit');
    rmSync(directory, { recursive: true });
  });

  it('starts a scope', async () => {
    expect(await startScope(path)).toEqual({ status: 0, stderr: '' });
    const members = systemd.calls.map(({ fields }) => fields.get(3));
    expect(members).toEqual(['Subscribe', 'ResetFailedUnit', 'StartTransientUnit']);
    const properties = systemd.calls[2]?.body[2];
    expect(properties).toContainEqual(['PIDs', { type: 'au', value: [4242] }]);
  });

  it('tells how a job ended', async () => {
    systemd.temper = { result: 'failed' };
    expect((await startScope(path)).stderr).toContain('systemd: the job ended as failed\n');
  });

  it('tells what the bus itself refuses', async () => {
    service.destroy();
    await expect
      .poll(async () => (await startScope(path)).stderr)
      .toContain('systemd: org.freedesktop.DBus.Error.ServiceUnknown: The name ');
  });
});

/** Takes systemd's name on the bus, then answers for it. */
async function serve(socket: Socket, systemd: FakeSystemd): Promise<void> {
  const uid = Buffer.from(String(process.getuid?.())).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${uid}\r\nBEGIN\r\n`);
  const [line] = await once(socket, 'data');
  expect(String(line)).toMatch(/^OK /);
  const ask = (serial: number, member: string, body: Outgoing['body'] = []) =>
    socket.write(
      marshal({
        type: 'call',
        serial,
        fields: {
          1: '/org/freedesktop/DBus',
          2: 'org.freedesktop.DBus',
          3: member,
          6: 'org.freedesktop.DBus',
        },
        body,
      }),
    );
  let data: Buffer = Buffer.alloc(0);
  await new Promise<void>((ready) => {
    let serial = 10;
    socket.on('data', (chunk) => {
      data = Buffer.concat([data, chunk]);
      for (let next = unmarshal(data); next; next = unmarshal(data)) {
        data = data.subarray(next.bytes);
        const { message } = next;
        if (message.fields.get(5) === 2) ready();
        if (message.type !== 1) continue;
        for (const outgoing of systemd.answers(message, undefined, String(message.fields.get(7))))
          socket.write(marshal({ ...outgoing, serial: serial++ }));
      }
    });
    ask(1, 'Hello');
    ask(2, 'RequestName', [
      ['s', 'org.freedesktop.systemd1'],
      ['u', 0],
    ]);
  });
}
