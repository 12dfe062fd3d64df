import type { core } from 'zod/mini';
import { checkFeaturesRules } from './checks/features.ts';
import { checkProcessRules } from './checks/process.ts';
import { checkResources } from './checks/resources.ts';
import { checkSeccomp } from './checks/seccomp.ts';
import { checkStateRules } from './checks/state.ts';
import { checkNoNul } from './checks/strings.ts';
import { Config } from './config/config.ts';
import { Resources } from './config/linux/resources.ts';
import { Seccomp } from './config/linux/seccomp.ts';
import { Process } from './config/process.ts';
import { collect, type Issue, type Report, SpecError } from './errors.ts';
import { Features } from './features.ts';
import { type FindOptions, findIssues } from './find-issues.ts';
import { parseJson } from './json/parse.ts';
import { JsonSyntaxError } from './json/syntax-error.ts';
import { completed, type RunnableConfig } from './runnable.ts';
import { findInSoundSections } from './sound-sections.ts';
import { State } from './state.ts';
import { validateLeniently } from './validate.ts';

/**
 * Reads the text of a config.json: JSON, schema, and the rules across fields. Numbers beyond 2^53
 * come as bigints. That the config can be started on Linux is for {@link requireRunnable} to say.
 *
 * @throws SpecError with all issues.
 */
export function parseConfig(text: string): Config {
  return readConfig(readJson(text, 'config.json'), mayHoldNul(text));
}

/** A config that is to be started, and what keeps it from it. */
export interface ExaminedConfig {
  /** What it lacks is made up. */
  readonly config: RunnableConfig;
  readonly issues: readonly Issue[];
}

/**
 * The same as {@link parseConfig} and `requireRunnable`, for who has more to find in a config, and is
 * to tell all of it at once.
 *
 * @throws SpecError for what does not follow the schema, with all issues.
 */
export function examineConfig(text: string): ExaminedConfig {
  const value = readJson(text, 'config.json');
  const { config, issues } = examine(value, { mayHoldNul: mayHoldNul(text), toStart: true });
  return { config: completed(config), issues };
}

/** The same as {@link parseConfig} for a value that is parsed already. The value is not changed. */
export function checkConfig(value: unknown): Config {
  return readConfig(value, true);
}

/** Reads a process object on its own, such as the file that `exec --process` takes. */
export function parseProcess(text: string): Process {
  return checkProcess(readJson(text, 'process.json'));
}

/** The same as {@link parseProcess} for a value that is parsed already. */
export function checkProcess(value: unknown): Process {
  return read('process.json', Process, value, (process, report) => {
    checkProcessRules(process, '', report);
    checkNoNul(process, '', report);
  });
}

/** Reads a container's state (runtime.md, "State"), as hooks get it on their standard input. */
export function parseState(text: string): State {
  return read('state', State, readJson(text, 'state'), checkStateRules);
}

/** Reads a features structure (features.md), as `features` of a runtime prints it. */
export function parseFeatures(text: string): Features {
  return read('features', Features, readJson(text, 'features'), checkFeaturesRules);
}

/** Reads a seccomp profile on its own: what `linux.seccomp` holds. */
export function parseSeccomp(text: string): Seccomp {
  return read('profile', Seccomp, readJson(text, 'profile'), (profile, report) =>
    checkSeccomp(profile, report, ''),
  );
}

/** Reads resources on their own, such as the file that `update --resources` takes. */
export function parseResources(text: string): Resources {
  return read('resources', Resources, readJson(text, 'resources'), checkResources);
}

/**
 * Reads the text of a document that is none of the specification's, with a schema of zod/mini, and
 * reports what is wrong as for those that are.
 *
 * @param document names it in messages
 * @throws SpecError with all issues.
 */
export function parseDocument<S extends core.$ZodType>(
  document: string,
  schema: S,
  text: string,
): core.output<S> {
  return read(document, schema, readJson(text, document), () => undefined);
}

function readJson(text: string, document: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new SpecError(document, [{ path: '', message: error.message }]);
  }
}

/** JSON can hold NUL only as an escape sequence, so most texts need not be searched value by value. */
function mayHoldNul(text: string): boolean {
  return text.includes('\\u0000');
}

function readConfig(value: unknown, mayHoldNul: boolean): Config {
  const { config, issues } = examine(value, { mayHoldNul, toStart: false });
  if (issues.length > 0) throw new SpecError('config.json', issues);
  return config;
}

function examine(value: unknown, options: Omit<FindOptions, 'namespacesKnown'>) {
  const result = validateLeniently(Config, value);
  if (!('data' in result)) {
    const more = findInSoundSections(value, result, options);
    throw new SpecError('config.json', [...result.issues, ...more]);
  }
  const config = result.data;
  return { config, issues: findIssues(config, { ...options, namespacesKnown: true }) };
}

function read<S extends core.$ZodType>(
  document: string,
  schema: S,
  value: unknown,
  check: (data: core.output<S>, report: Report) => void,
): core.output<S> {
  const result = validateLeniently(schema, value);
  if (!('data' in result)) throw new SpecError(document, result.issues);
  const issues = collect((report) => check(result.data, report));
  if (issues.length > 0) throw new SpecError(document, issues);
  return result.data;
}
