import { compare, type Kernel, type Text, text, type Value } from '@oci/kernel';
import { Connection } from './dbus/connection.ts';
import { type Incoming, receiveUntil } from './dbus/incoming.ts';
import { messageTypes } from './dbus/message.ts';
import { afterString, copyString, type Place, sameString } from './dbus/strings.ts';
import type { Written } from './dbus/writer.ts';
import { CALL } from './manager.ts';

/** The result of a job that did what it was for. */
const DONE = Buffer.from('done');

export interface Request {
  /** The socket of the bus. */
  readonly socket: string;
  /** What is sent; one call in it has the serial {@link CALL}. */
  readonly calls: Written;
  /** What their holes are filled with. */
  readonly filling?: Value;
  /** Is told the reason when systemd refuses, or does not get the job done. */
  readonly refused: (k: Kernel, reason: Text) => void;
}

/** Makes a call of systemd, and has `answered` look at the reply. */
export function callSystemd(
  k: Kernel,
  request: Request,
  answered: (reply: Incoming, connection: Connection) => void = () => {},
): void {
  Connection.use(k, request.socket, request.calls, request.filling, (connection) => {
    const reply = receiveReply(k, connection);
    k.when(
      compare(reply.type, '==', messageTypes.error),
      () => tellError(k, reply, request),
      () => answered(reply, connection),
    );
  });
}

/** Makes a call that starts a job, and waits until that is done. */
export function runJob(k: Kernel, request: Request): void {
  callSystemd(k, request, (reply, connection) => {
    const removed = receiveUntil(k, connection, 'signal', (message, leave) => {
      k.when(compare(message.type, '==', messageTypes.signal), () =>
        // Anyone on the bus may send us a signal: it counts from whoever replied.
        k.when(compare(sameString(k, sender(message), sender(reply)), '==', 1), () =>
          k.when(compare(sameString(k, removedJob(k, message), job(reply)), '==', 1), leave),
        ),
      );
    });
    checkResult(k, removed, request);
  });
}

/** Of the other calls none but the greeting is answered, and errors to them count as well. */
function receiveReply(k: Kernel, connection: Connection): Incoming {
  return receiveUntil(k, connection, 'reply', (message, leave) => {
    k.when(compare(message.type, '==', messageTypes.error), leave);
    k.when(compare(message.type, '==', messageTypes.reply), () =>
      k.when(compare(message.replySerial, '==', CALL), leave),
    );
  });
}

/** Error messages mostly have one string, for people. */
function tellError(
  k: Kernel,
  { content, error, body, bodyBytes }: Incoming,
  { refused }: Request,
): void {
  const name = k.memory('error name', 256);
  const message = k.memory('error message', 1024);
  copyString(k, { memory: content, at: error }, name);
  k.when(compare(bodyBytes, '>', 4), () => copyString(k, { memory: content, at: body }, message));
  refused(k, text`${name}: ${message}`);
}

/** The reply's body is the job's object path. */
function job({ content, body }: Incoming): Place {
  return { memory: content, at: body };
}

/** JobRemoved has the job's number, its object path, the unit's name and the result. */
function removedJob(k: Kernel, { content, body }: Incoming): Place {
  return { memory: content, at: k.compute(body, '+', 4) };
}

function sender({ content, sender }: Incoming): Place {
  return { memory: content, at: sender };
}

function checkResult(k: Kernel, removed: Incoming, { refused }: Request): void {
  const memory = removed.content;
  const unit = afterString(k, removedJob(k, removed));
  const result = afterString(k, { memory, at: unit });
  const length = k.load(memory, result, 4);
  const start = k.load(memory, k.compute(result, '+', 4), 4);
  const done = k.variable('done', 0);
  k.when(compare(length, '==', DONE.length), () =>
    k.when(compare(start, '==', DONE.readUInt32LE()), () => k.set(done, 1)),
  );
  k.when(compare(done.value, '==', 0), () => {
    const words = k.memory('result', 64);
    copyString(k, { memory, at: result }, words);
    refused(k, text`the job ended as ${words}`);
  });
}
