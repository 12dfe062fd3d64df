import { compare, type Kernel, type Memory, type Value } from '@oci/kernel';
import type { Connection } from './connection.ts';
import { headerFields, LITTLE_ENDIAN } from './message.ts';
import { aligned, endOfString } from './strings.ts';

/** What starts a message: byte order, type, flags and version, then three words. */
const FIXED_BYTES = 16;
/** Room for the rest of one: replies, signals and errors that systemd sends take a few hundred. */
const MESSAGE_BYTES = 8192;

const U32 = 'u'.charCodeAt(0);
const SIGNATURE = 'g'.charCodeAt(0);

/** A message that was received. Places are offsets into `content`, known when it runs. */
export interface Incoming {
  readonly content: Memory;
  /** One of the `messageTypes`. */
  readonly type: Value;
  /** The serial of the call that it answers; 0 for none. */
  readonly replySerial: Value;
  /** The place of the string that names the error. */
  readonly error: Value;
  /** The place of the string that names the sender. */
  readonly sender: Value;
  readonly body: Value;
  readonly bodyBytes: Value;
}

/** Receives messages, into the same memory, until one is wanted. */
export function receiveUntil(
  k: Kernel,
  connection: Connection,
  name: string,
  wanted: (message: Incoming, leave: () => void) => void,
): Incoming {
  const fixed = k.memory(`${name} header`, FIXED_BYTES);
  const content = k.memory(name, MESSAGE_BYTES);
  const type = k.variable('type', 0);
  const replySerial = k.variable('reply serial', 0);
  const error = k.variable('error', 0);
  const sender = k.variable('sender', 0);
  const body = k.variable('body', 0);
  const bodyBytes = k.variable('body bytes', 0);
  const message = (): Incoming => ({
    content,
    type: type.value,
    replySerial: replySerial.value,
    error: error.value,
    sender: sender.value,
    body: body.value,
    bodyBytes: bodyBytes.value,
  });
  k.loop((leave) => {
    connection.receive(fixed, FIXED_BYTES);
    k.when(compare(k.load(fixed, 0, 1), '!=', LITTLE_ENDIAN), () =>
      k.fail('the bus sent a message in another byte order'),
    );
    k.set(type, k.load(fixed, 1, 1));
    k.set(bodyBytes, k.load(fixed, 4, 4));
    const fields = k.load(fixed, 12, 4);
    k.set(body, aligned(k, fields, 8));
    const rest = k.compute(body.value, '+', bodyBytes.value);
    k.when(compare(rest, '>', MESSAGE_BYTES), () =>
      k.fail(`the bus sent a message of more than ${MESSAGE_BYTES} bytes`),
    );
    connection.receive(content, rest);
    for (const place of [replySerial, error, sender]) k.set(place, 0);
    eachField(k, content, fields, (code, value) => {
      const note = (field: number, set: () => void) => k.when(compare(code, '==', field), set);
      note(headerFields.replySerial, () => k.set(replySerial, k.load(content, value, 4)));
      note(headerFields.error, () => k.set(error, value));
      note(headerFields.sender, () => k.set(sender, value));
    });
    wanted(message(), leave);
  });
  return message();
}

/**
 * Goes through the header's fields: each starts at a multiple of eight with its code and a signature
 * of one letter, so that its value starts at the fourth byte.
 */
function eachField(
  k: Kernel,
  content: Memory,
  end: Value,
  visit: (code: Value, value: Value) => void,
): void {
  const at = k.variable('field', 0);
  k.loop((leave) => {
    k.when(compare(at.value, '>=', end), leave);
    const value = k.compute(at.value, '+', 4);
    visit(k.load(content, at.value, 1), value);
    const type = k.load(content, k.compute(at.value, '+', 2), 1);
    k.set(at, endOfString(k, { memory: content, at: value }));
    k.when(compare(type, '==', U32), () => k.set(at, k.compute(value, '+', 4)));
    k.when(compare(type, '==', SIGNATURE), () =>
      k.set(at, k.compute(k.compute(value, '+', 2), '+', k.load(content, value, 1))),
    );
    k.set(at, aligned(k, at.value, 8));
  });
}
