import { array, type DBusValue, string, struct, variant } from './dbus/values.ts';

/** A property of a unit, by its name on the bus (org.freedesktop.systemd1(5)). */
export interface Property {
  readonly name: string;
  readonly value: DBusValue;
}

/** `a(sv)`, as StartTransientUnit and SetUnitProperties take them. */
export function properties(list: readonly Property[]): DBusValue {
  return array(
    '(sv)',
    list.map(({ name, value }) => struct(string(name), variant(value))),
  );
}
