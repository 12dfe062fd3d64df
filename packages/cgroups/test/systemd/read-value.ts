import { methodCall } from '../../src/systemd/dbus/message.ts';
import { type DBusValue, variant } from '../../src/systemd/dbus/values.ts';
import type { Property } from '../../src/systemd/property.ts';
import { type Content, unmarshal } from './wire.ts';

/** A value as another implementation reads it: its type and its content. */
export function read(value: DBusValue): Content | undefined {
  const { bytes } = methodCall({
    serial: 1,
    destination: 'a.b',
    path: '/',
    interface: 'a.b',
    member: 'C',
    body: [variant(value)],
  });
  return unmarshal(Buffer.from(bytes))?.message.body[0];
}

export function readProperties(list: readonly Property[]): Record<string, Content | undefined> {
  return Object.fromEntries(list.map(({ name, value }) => [name, read(value)]));
}
