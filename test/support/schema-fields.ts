import { existsSync, readFileSync } from 'node:fs';

const folder = new URL('../schema/', import.meta.url);

/** What of JSON Schema (draft 4) the specification's schemas use to say which fields there are. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

/**
 * The JSON paths of all fields of a config that hold a value, as the schemas in `schema/` list them:
 * `process.args`, `linux.devices[].path`, `linux.netDevices.*.name`. What is in a schema that is not
 * there, those of other platforms, is one field.
 */
export function schemaFields(): string[] {
  return suffixes(read('config-schema.json'), 'config-schema.json').map((path) => path.slice(1));
}

/** How the paths of the fields below a value go on: '' is the value itself, where it has none. */
function suffixes(schema: Schema, file: string): string[] {
  const { $ref, properties = {}, additionalProperties, items, allOf = [], anyOf = [] } = schema;
  const below = [
    ...($ref === undefined ? [] : referredTo($ref, file)),
    ...[...allOf, ...anyOf].flatMap((part) => suffixes(part, file)),
    ...Object.entries(properties).flatMap(([name, each]) =>
      suffixes(each, file).map((rest) => `.${name}${rest}`),
    ),
    ...(items ? suffixes(items, file).map((rest) => rest && `[]${rest}`) : []),
    ...(additionalProperties
      ? suffixes(additionalProperties, file).map((rest) => rest && `.*${rest}`)
      : []),
  ].filter((rest) => rest !== '');
  return below.length > 0 ? below : [''];
}

function referredTo(reference: string, from: string): string[] {
  const [name = '', pointer = ''] = reference.split('#');
  const file = name || from;
  if (!existsSync(new URL(file, folder))) return [''];
  const path = pointer.split('/').filter((part) => part !== '');
  return suffixes(path.reduce(member, read(file)), file);
}

function member(value: unknown, name: string): Schema {
  const found = Object.entries(value ?? {}).find(([key]) => key === name)?.[1];
  if (typeof found !== 'object' || found === null) throw new Error(`no schema has ${name}`);
  return found;
}

function read(file: string): Schema {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}
