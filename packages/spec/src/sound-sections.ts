import { checkConfigRules } from './checks/config.ts';
import { checkConfigStrings } from './checks/strings.ts';
import { Config } from './config/config.ts';
import { collect, type Issue } from './errors.ts';
import { formatPath, within } from './paths.ts';
import { type SchemaFailure, validateLeniently } from './validate.ts';

/**
 * Where the schema has found a config wrong, applies the further rules to the sections that are
 * right, so that one run tells all there is to mend.
 */
export function findInSoundSections(value: unknown, failure: SchemaFailure): Issue[] {
  const result = validateLeniently(Config, withoutSections(value, failure.sections));
  if (!('data' in result)) return [];
  const broken = failure.sections.map(formatPath);
  const namespacesKnown = !broken.some((section) => within('linux.namespaces', section));
  const issues = collect((report) => {
    checkConfigStrings(result.data, report);
    checkConfigRules(result.data, report, { namespacesKnown });
  });
  // What a broken section was taken for by the rules, namely absent, is not news.
  return issues.filter(({ path }) => !broken.some((section) => within(path, section)));
}

function withoutSections(value: unknown, sections: SchemaFailure['sections']): unknown {
  if (!isRecord(value)) return value;
  // The one property that a config cannot do without.
  const copy: Record<PropertyKey, unknown> = { ...value, ociVersion: value.ociVersion ?? '1.0.0' };
  for (const [section, part] of sections) {
    if (section === undefined) continue;
    const inner = copy[section];
    if (section === 'ociVersion') copy[section] = '1.0.0';
    else if (part === undefined || !isRecord(inner) || section !== 'linux') delete copy[section];
    else {
      const { [part]: _, ...rest } = inner;
      copy[section] = rest;
    }
  }
  return copy;
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
