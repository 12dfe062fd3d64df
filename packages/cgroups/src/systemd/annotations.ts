import type { Config, Issue } from '@oci/spec';
import { u64 } from './dbus/values.ts';
import { parseVariant } from './gvariant.ts';
import type { Property } from './property.ts';

const PREFIX = 'org.systemd.property.';

/**
 * Properties that `annotations` set: `org.systemd.property.NAME` with a value in GVariant's text
 * format, as runc and crun take them. systemd spells times in microseconds on the bus, so
 * `TimeoutStopSec` in seconds becomes `TimeoutStopUSec`. They must have passed
 * {@link checkAnnotations}.
 */
export function annotationProperties({
  annotations = {},
}: Pick<Config, 'annotations'>): Property[] {
  return Object.entries(annotations).flatMap(([key, text]) =>
    key.startsWith(PREFIX) ? [property(key.slice(PREFIX.length), text)] : [],
  );
}

export function checkAnnotations({ annotations = {} }: Pick<Config, 'annotations'>): Issue[] {
  return Object.entries(annotations).flatMap(([key, text]): Issue[] => {
    if (!key.startsWith(PREFIX)) return [];
    const path = `annotations[${JSON.stringify(key)}]`;
    const name = key.slice(PREFIX.length);
    if (!/^[A-Za-z]{3,}$/.test(name))
      return [{ path, message: `${JSON.stringify(name)} is not the name of a systemd property` }];
    try {
      property(name, text);
      return [];
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      return [
        { path, message: `${JSON.stringify(text)} is not a GVariant text: ${error.message}` },
      ];
    }
  });
}

function property(name: string, text: string): Property {
  const [, stem] = /^(.*[a-z])Sec$/.exec(name) ?? [];
  return stem === undefined
    ? { name, value: parseVariant(text) }
    : { name: `${stem}USec`, value: u64(microseconds(text)) };
}

/** Seconds, whole or not, with or without their type. @throws SyntaxError */
function microseconds(text: string): bigint {
  const [, digits] = /^(?:[a-z0-9]+\s+)?(\d+(?:\.\d+)?)$/.exec(text.trim()) ?? [];
  if (digits === undefined) throw new SyntaxError('expected a number of seconds');
  return BigInt(Math.round(Number(digits) * 1_000_000));
}
