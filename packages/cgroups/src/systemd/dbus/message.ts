import {
  array,
  type DBusValue,
  number,
  objectPath,
  signature,
  string,
  struct,
  u32,
  variant,
} from './values.ts';
import { Writer, type Written } from './writer.ts';

/** D-Bus specification, "Message Format". */
export const messageTypes = { call: 1, reply: 2, error: 3, signal: 4 } as const;
export const headerFields = {
  path: 1,
  interface: 2,
  member: 3,
  error: 4,
  replySerial: 5,
  destination: 6,
  sender: 7,
  signature: 8,
} as const;
export const LITTLE_ENDIAN = 'l'.charCodeAt(0);
const NO_REPLY_EXPECTED = 1;
const VERSION = 1;

export interface MethodCall {
  /** Known again in the answer; not zero. */
  readonly serial: number;
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body?: readonly DBusValue[];
  /** Neither a reply nor an error is wanted. */
  readonly noReply?: boolean;
}

/** A method call as it goes over the wire. */
export function methodCall(call: MethodCall): Written {
  const { body = [], noReply = false } = call;
  const field = (code: keyof typeof headerFields, value: DBusValue) =>
    struct(number('y', headerFields[code]), variant(value));
  const types = body.map((value) => value.signature).join('');
  const fields = array('(yv)', [
    field('path', objectPath(call.path)),
    field('interface', string(call.interface)),
    field('member', string(call.member)),
    field('destination', string(call.destination)),
    ...(types === '' ? [] : [field('signature', signature(types))]),
  ]);
  const header = (bodyBytes: number): Written => {
    const flags = noReply ? NO_REPLY_EXPECTED : 0;
    const writer = new Writer();
    for (const byte of [LITTLE_ENDIAN, messageTypes.call, flags, VERSION])
      number('y', byte).write(writer);
    for (const value of [u32(bodyBytes), u32(call.serial), fields]) value.write(writer);
    writer.align(8);
    return writer.written;
  };
  const content = new Writer();
  for (const value of body) value.write(content);
  const { bytes, holes } = content.written;
  const start = header(bytes.length).bytes;
  return {
    bytes: Buffer.concat([start, bytes]),
    holes: holes.map((hole) => start.length + hole),
  };
}

/** Messages one after the other. */
export function sequence(messages: readonly Written[]): Written {
  const holes: number[] = [];
  let length = 0;
  for (const message of messages) {
    for (const hole of message.holes) holes.push(length + hole);
    length += message.bytes.length;
  }
  return { bytes: Buffer.concat(messages.map(({ bytes }) => bytes)), holes };
}
