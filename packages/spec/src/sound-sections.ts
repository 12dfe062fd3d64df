import { Config } from './config/config.ts';
import type { Issue } from './errors.ts';
import { type FindOptions, findIssues } from './find-issues.ts';
import { formatPath, within } from './paths.ts';
import { type SchemaFailure, validateLeniently } from './validate.ts';

/**
 * Where the schema has found a config wrong, applies the further rules to the sections that are
 * right, so that one run tells all there is to mend.
 */
export function findInSoundSections(
  value: unknown,
  failure: SchemaFailure,
  { toStart }: Pick<FindOptions, 'toStart'>,
): Issue[] {
  const result = validateLeniently(Config, withoutSections(value, failure.sections));
  if (!('data' in result)) return [];
  const broken = failure.sections.map(formatPath);
  const namespacesKnown = !broken.some((section) => within('linux.namespaces', section));
  const issues = findIssues(result.data, { mayHoldNul: true, toStart, namespacesKnown });
  // What a broken section was taken for by the rules, namely absent, is not news.
  return issues.filter(({ path }) => !broken.some((section) => within(path, section)));
}

function withoutSections(value: unknown, sections: SchemaFailure['sections']): unknown {
  if (!isRecord(value)) return value;
  const copy: Record<PropertyKey, unknown> = { ...value };
  for (const [section, part] of sections) {
    if (section === undefined) continue;
    const inner = copy[section];
    if (part === undefined || !isRecord(inner)) delete copy[section];
    else {
      const { [part]: _, ...rest } = inner;
      copy[section] = rest;
    }
  }
  // What the schema cannot do without.
  copy.ociVersion ??= '1.0.0';
  if (isRecord(copy.process)) copy.process = { ...copy.process, cwd: copy.process.cwd ?? '/' };
  return copy;
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
