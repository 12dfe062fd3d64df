import { checkConfigRules } from './checks/config.ts';
import { checkConfigStrings } from './checks/strings.ts';
import type { Config } from './config/config.ts';
import { collect, elsewhere, type Issue } from './errors.ts';
import { checkRunnable } from './runnable.ts';

export interface FindOptions {
  /** Whether a string may hold NUL. */
  readonly mayHoldNul: boolean;
  /** Whether the config is to be started. */
  readonly toStart: boolean;
  /** False where `linux.namespaces` itself is broken. */
  readonly namespacesKnown: boolean;
}

/** All that is wrong with a config which the schema takes. */
export function findIssues(
  config: Config,
  { mayHoldNul, toStart, namespacesKnown }: FindOptions,
): Issue[] {
  const issues = collect((report) => {
    if (mayHoldNul) checkConfigStrings(config, report);
    checkConfigRules(config, report, { namespacesKnown });
  });
  if (!toStart) return issues;
  const missing = collect((report) => checkRunnable(config, report, { namespacesKnown }));
  return [...issues, ...elsewhere(issues, missing)];
}
