import { compare, type Kernel, O_CLOEXEC, O_RDONLY, type Text, text } from '@oci/kernel';
import { type Allotment, parseSchema, radixOf, type SchemaLine } from './schema.ts';
import { SchemataScanner } from './schemata-scanner.ts';

/** Some resources for some hundred domains. */
const LONGEST = 16 * 1024;
/** The scanner reads by words. */
const WORD = 8;

/**
 * config-linux.md, "IntelRdt": a class that exists must have the schemata that the config asks for,
 * or the start fails. Numbers are compared, not their spelling: resctrl pads them.
 */
export function compareSchemata(k: Kernel, group: Text, lines: readonly SchemaLine[]): void {
  const expected = lastOfEach(lines);
  if (expected.length === 0) return;
  const memory = k.memory('schemata', LONGEST + WORD);
  const file = k.openat(k.cwd, text`${group}/schemata`, O_RDONLY | O_CLOEXEC);
  const length = k.read(file, memory, LONGEST);
  k.close(file);
  k.when(compare(length, '==', LONGEST), () => k.fail('the schemata file is too long'));
  const allotments = expected.map(({ allotment }) => allotment);
  const scanner = new SchemataScanner(k, memory, length, allotments);
  scanner.scan();
  for (const { path, allotment } of expected) {
    k.doing(path, () =>
      scanner.whenMissing(allotment, () =>
        k.fail(`the class exists, and its schemata are without ${describe(allotment)}`),
      ),
    );
  }
}

/** A later line takes the place of an earlier one, as if they were written. */
function lastOfEach(lines: readonly SchemaLine[]) {
  const last = new Map<string, { readonly path: string; readonly allotment: Allotment }>();
  for (const { path, text } of lines) {
    for (const allotment of parseSchema(text) ?? []) {
      last.set(`${allotment.resource}:${allotment.domain}`, { path, allotment });
    }
  }
  return [...last.values()];
}

function describe({ resource, domain, value }: Allotment): string {
  return `${resource}:${domain}=${value.toString(radixOf(resource))}`;
}
