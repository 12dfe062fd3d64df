import type { Hooks } from '../config/hooks.ts';
import type { Report } from '../errors.ts';

const names = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const;

/** config.md, "POSIX-platform Hooks". */
export function checkHooks(hooks: Hooks, report: Report): void {
  for (const name of names) {
    for (const [i, { path }] of (hooks[name] ?? []).entries()) {
      if (!path.startsWith('/')) report(`hooks.${name}[${i}].path`, 'must be an absolute path');
    }
  }
}
