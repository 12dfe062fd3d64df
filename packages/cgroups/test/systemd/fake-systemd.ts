import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Message, marshal, type Outgoing, unmarshal } from './wire.ts';

/** How systemd takes the next job. */
export interface Temper {
  /** What the job ends as. */
  readonly result?: string;
  /** A D-Bus error instead of a job: its name and its message. */
  readonly error?: readonly [name: string, message?: string];
  /** Says nothing and hangs up. */
  readonly hangUp?: boolean;
  /** Refuses to authenticate. */
  readonly reject?: boolean;
  /** Sends each byte by itself. */
  readonly slow?: boolean;
  /** Somebody else on the bus claims that the job is over, and another job is. */
  readonly impostors?: boolean;
}

const manager = '/org/freedesktop/systemd1';
const managerInterface = 'org.freedesktop.systemd1.Manager';
const SYSTEMD = ':1.1';
const US = ':1.42';

/** Unit jobs as org.freedesktop.systemd1(5) has them; `sender` is filled in by a real bus. */
export class FakeSystemd {
  readonly calls: Message[] = [];
  temper: Temper = {};

  /** What systemd sends when it gets a message. */
  answers(message: Message, sender: string | undefined, to: string): Outgoing[] {
    this.calls.push(message);
    if ((message.flags & 1) !== 0) return [];
    const about = { 5: message.serial, 6: to, ...(sender === undefined ? {} : { 7: sender }) };
    const { error, result = 'done', impostors = false } = this.temper;
    if (error) {
      const [name, text] = error;
      const body = text === undefined ? [] : [['s', text] as const];
      return [{ type: 'error', fields: { 4: name, ...about }, body }];
    }
    if (message.fields.get(3) === 'SetUnitProperties') return [{ type: 'reply', fields: about }];
    const [unit] = message.body;
    const removed = (from: string | undefined, job: number, how: string): Outgoing => ({
      type: 'signal',
      fields: {
        1: manager,
        2: managerInterface,
        3: 'JobRemoved',
        ...(from === undefined ? {} : { 7: from }),
      },
      body: [
        ['u', job],
        ['o', `${manager}/job/${job}`],
        ['s', String(unit)],
        ['s', how],
      ],
    });
    return [
      ...(impostors ? [removed(sender, 1234, 'failed')] : []),
      { type: 'reply', fields: about, body: [['o', `${manager}/job/1234`]] },
      ...(impostors ? [removed(':1.66', 1234, 'failed'), removed(sender, 1235, 'failed')] : []),
      removed(sender, 1234, result),
    ];
  }
}

/** A bus with nobody but systemd on it. */
export class FakeBus {
  readonly systemd = new FakeSystemd();
  /** The rules of those who want signals. */
  readonly matches: string[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'fake-bus-'));
  readonly socket = join(this.#directory, 'bus');
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<FakeBus> {
    const bus = new FakeBus();
    await new Promise<void>((resolve) => bus.#server.listen(bus.socket, resolve));
    return bus;
  }

  stop(): void {
    this.#server.close();
    rmSync(this.#directory, { recursive: true });
  }

  #serve(socket: Socket): void {
    let data: Buffer = Buffer.alloc(0);
    let begun = false;
    const { slow = false } = this.systemd.temper;
    const send = (bytes: Buffer) => {
      if (slow) for (const byte of bytes) socket.write(Buffer.of(byte));
      else socket.write(bytes);
    };
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      data = Buffer.concat([data, chunk]);
      while (!begun) {
        const end = data.indexOf('\r\n');
        if (end < 0) return;
        const line = data.toString('latin1', 0, end);
        data = data.subarray(end + 2);
        begun = line === 'BEGIN';
        this.#authenticate(line, send);
      }
      for (let next = unmarshal(data); next; next = unmarshal(data)) {
        data = data.subarray(next.bytes);
        if (this.systemd.temper.hangUp) socket.end();
        else for (const outgoing of this.#route(next.message)) send(marshal(outgoing));
      }
    });
  }

  /** The server's side of EXTERNAL, when the client names nobody. */
  #authenticate(line: string, send: (bytes: Buffer) => void): void {
    const answers: Readonly<Record<string, string>> = {
      '\0AUTH EXTERNAL': 'DATA',
      DATA: this.systemd.temper.reject ? 'REJECTED EXTERNAL' : `OK ${'0123456789abcdef'.repeat(2)}`,
      BEGIN: '',
    };
    const answer = answers[line] ?? 'ERROR';
    if (answer !== '') send(Buffer.from(`${answer}\r\n`));
  }

  #route(message: Message): Outgoing[] {
    if (message.fields.get(6) !== 'org.freedesktop.DBus')
      return this.systemd.answers(message, SYSTEMD, US);
    const from = { 6: US, 7: 'org.freedesktop.DBus' };
    const reply = { 5: message.serial, ...from };
    if (message.fields.get(3) === 'AddMatch') this.matches.push(String(message.body[0]));
    if ((message.flags & 1) !== 0) return [];
    return [
      { type: 'reply', fields: reply, body: [['s', US]] },
      {
        type: 'signal',
        fields: {
          1: '/org/freedesktop/DBus',
          2: 'org.freedesktop.DBus',
          3: 'NameAcquired',
          ...from,
        },
        body: [['s', US]],
      },
    ];
  }
}
