import type { RunnableConfig } from '@oci/spec';

export interface Environment {
  /** In the order of the config. */
  readonly entries: readonly string[];
  /** Whether HOME is still to be found, by {@link homeStages}. */
  readonly needsHome: boolean;
}

/**
 * config.md, "Process", env, as runc passes it on: of a variable that is given twice the last, and
 * an empty HOME as if there were none.
 *
 * @param without the names of variables that come from elsewhere
 */
export function environment(
  { process }: RunnableConfig,
  without: ReadonlySet<string> = new Set(),
): Environment {
  const last = new Map<string, string>();
  for (const entry of process.env ?? []) {
    const name = entry.split('=', 1).join();
    last.delete(name);
    if (entry !== 'HOME=' && !without.has(name)) last.set(name, entry);
  }
  return { entries: [...last.values()], needsHome: !last.has('HOME') };
}
