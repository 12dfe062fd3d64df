import { readdirSync, readFileSync } from 'node:fs';
import { type Config, defaultConfig, type Issue, SpecError } from '../src/index.ts';

const examples = new URL('examples/', import.meta.url);

export function readExample(path: string): string {
  return readFileSync(new URL(path, examples), 'utf8');
}

export function listExamples(folder: string): string[] {
  return readdirSync(new URL(folder, examples)).sort();
}

/** What the action finds wrong; nothing if it succeeds. */
export function issuesOf(action: () => unknown): readonly Issue[] {
  try {
    action();
  } catch (error) {
    if (error instanceof SpecError) return error.issues;
    throw error;
  }
  return [];
}

/** `path: message` of every issue. */
export function findings(action: () => unknown): string[] {
  return issuesOf(action).map(({ path, message }) => `${path}: ${message}`);
}

/** The default config with some sections replaced, and those of `linux` one by one. */
export function configWith(
  { linux, process, ...rest }: Record<string, unknown> & { linux?: object; process?: object },
  base: Config = defaultConfig(),
): unknown {
  return {
    ...base,
    ...rest,
    process: { ...base.process, ...process },
    linux: { ...base.linux, ...linux },
  };
}
