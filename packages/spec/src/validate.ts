import { type core, safeParse } from 'zod/mini';
import type { Issue } from './errors.ts';
import { formatPath } from './paths.ts';

/** What a schema found. `sections` are the smallest parts that rules can do without: `linux.seccomp`. */
export interface SchemaFailure {
  readonly issues: readonly Issue[];
  readonly sections: readonly (readonly PropertyKey[])[];
}

export type SchemaResult<T> = { readonly data: T } | SchemaFailure;

/** Holds a value against a schema; the result is a copy without unknown properties. */
export function validate<S extends core.$ZodType>(
  schema: S,
  value: unknown,
): SchemaResult<core.output<S>> {
  const result = safeParse(schema, value, { error: describe });
  if (result.success) return { data: result.data };
  return {
    issues: result.error.issues.flatMap(toIssues),
    sections: result.error.issues.map(({ path }) => path.slice(0, depth(path[0]))),
  };
}

/** The parts of these two have rules of their own. */
function depth(section: PropertyKey | undefined): number {
  return section === 'linux' || section === 'process' ? 2 : 1;
}

function toIssues(issue: core.$ZodIssue): Issue[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ path: formatPath(issue.path), message: issue.message }];
  }
  return issue.keys.map((key) => ({
    path: formatPath([...issue.path, key]),
    message: issue.message,
  }));
}

const kinds: Readonly<Record<string, string>> = {
  array: 'an array',
  object: 'an object',
  record: 'an object',
  string: 'a string',
  boolean: 'true or false',
};

/** The message of a schema's finding, for which zod/mini has none of its own. */
function describe(issue: core.$ZodRawIssue): string {
  if (issue.code === 'unrecognized_keys') return 'is not known';
  if (issue.input === undefined) return 'is required';
  if (issue.code === 'invalid_type') {
    return `must be ${kinds[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'invalid_value') {
    const given = typeof issue.input === 'string' ? `, not ${JSON.stringify(issue.input)}` : '';
    return `must be one of ${issue.values.join(', ')}${given}`;
  }
  return 'is invalid';
}

/**
 * The same, but a property that is null counts as absent. Go's encoding/json reads and sometimes
 * writes it so, and features.md allows it. Only a value that fails is searched for nulls.
 */
export function validateLeniently<S extends core.$ZodType>(
  schema: S,
  value: unknown,
): SchemaResult<core.output<S>> {
  const result = validate(schema, value);
  return 'data' in result ? result : validate(schema, withoutNulls(value));
}

/** How deep the specification's structures go, and then some. */
const maxDepth = 16;

function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item, depth + 1)]),
  );
}
